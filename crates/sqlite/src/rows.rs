//! Reading rows. What cannot be read was not written by us: [`StoreError::Corrupt`].

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};
use stentor_store::{
    Contact, Entry, Head, IdempotentAnswer, InboxMessage, IncidentRow, Lane, OutboxRow, Payload,
    StoreError, TimelineRow, Token, TokenKind,
};

/// Takes a row's cells from left to right, so the order of a struct's fields below is the order of the columns.
struct Cells<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Cells<'r> {
    fn of(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    fn take<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        let cell = self.row.try_get(self.next);
        self.next += 1;
        cell.map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let number: i64 = self.take()?;
        T::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} is out of range")))
    }

    fn named<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let name: &str = self.take()?;
        parse(name).ok_or_else(|| StoreError::Corrupt(format!("unknown name {name:?}")))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.take()?;
        bytes
            .try_into()
            .map_err(|_| StoreError::Corrupt(format!("{} bytes instead of {N}", bytes.len())))
    }
}

/// Reads all rows.
pub(crate) fn all<T>(
    rows: &[SqliteRow],
    read: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(read).collect()
}

/// Reads the only row, if there is one.
pub(crate) fn first<T>(
    rows: &[SqliteRow],
    read: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    rows.first().map(read).transpose()
}

/// A row of one number.
pub(crate) fn number(row: &SqliteRow) -> Result<i64, StoreError> {
    Cells::of(row).take()
}

/// The head row, which always exists.
pub(crate) fn head(rows: &[SqliteRow]) -> Result<Head, StoreError> {
    let row = rows
        .first()
        .ok_or_else(|| StoreError::Corrupt("the head row is missing".to_owned()))?;
    let mut cells = Cells::of(row);
    Ok(Head {
        seq: cells.number()?,
        hash: cells.bytes()?,
    })
}

pub(crate) fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let mut cells = Cells::of(row);
    Ok(Entry {
        seq: cells.number()?,
        time_ms: cells.take()?,
        world: cells.named(|name| name.parse().ok())?,
        kind: cells.take()?,
        version: cells.number()?,
        digest: cells.bytes()?,
        hash: cells.bytes()?,
        payload: payload(&mut cells)?,
    })
}

fn payload(cells: &mut Cells<'_>) -> Result<Payload, StoreError> {
    let salt: Option<&[u8]> = cells.take()?;
    let bytes: Option<Vec<u8>> = cells.take()?;
    let erased_by: Option<i64> = cells.take()?;
    match (salt.map(TryInto::try_into), bytes, erased_by) {
        (Some(Ok(salt)), Some(bytes), None) => Ok(Payload::Present { salt, bytes }),
        (None, None, Some(by)) if by >= 0 => Ok(Payload::Erased {
            by: by.unsigned_abs(),
        }),
        _ => Err(StoreError::Corrupt(
            "a payload is missing or malformed".to_owned(),
        )),
    }
}

pub(crate) fn outbox(row: &SqliteRow) -> Result<OutboxRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(OutboxRow {
        key: cells.take()?,
        world: cells.named(|name| name.parse().ok())?,
        lane: cells.named(Lane::named)?,
        body: cells.take()?,
        created_ms: cells.take()?,
        next_try_ms: cells.take()?,
        attempts: cells.number()?,
        lease_holder: cells.take()?,
        lease_until_ms: cells.take()?,
        last_error: cells.take()?,
    })
}

pub(crate) fn timeline(row: &SqliteRow) -> Result<TimelineRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(TimelineRow {
        world: cells.named(|name| name.parse().ok())?,
        incident: cells.number()?,
        seq: cells.number()?,
        line: cells.number()?,
        time_ms: cells.take()?,
        kind: cells.take()?,
        actor: cells.take()?,
        text: cells.take()?,
    })
}

pub(crate) fn incident(row: &SqliteRow) -> Result<IncidentRow, StoreError> {
    let mut cells = Cells::of(row);
    Ok(IncidentRow {
        world: cells.named(|name| name.parse().ok())?,
        id: cells.number()?,
        service: cells.take()?,
        severity: cells.take()?,
        phase: cells.take()?,
        opened_ms: cells.take()?,
        closed_ms: cells.take()?,
        title: cells.take()?,
        data: cells.take()?,
    })
}

pub(crate) fn answer(row: &SqliteRow) -> Result<IdempotentAnswer, StoreError> {
    let mut cells = Cells::of(row);
    Ok(IdempotentAnswer {
        key: cells.take()?,
        request: cells.take()?,
        answer: cells.take()?,
        time_ms: cells.take()?,
    })
}

pub(crate) fn inbox(row: &SqliteRow) -> Result<InboxMessage, StoreError> {
    let mut cells = Cells::of(row);
    Ok(InboxMessage {
        key: cells.take()?,
        world: cells.named(|name| name.parse().ok())?,
        time_ms: cells.take()?,
        person: cells.take()?,
        channel: cells.take()?,
        subject: cells.take()?,
        body: cells.take()?,
    })
}

pub(crate) fn contact(row: &SqliteRow) -> Result<Contact, StoreError> {
    let mut cells = Cells::of(row);
    Ok(Contact {
        person: cells.take()?,
        email: cells.take()?,
        webhook_url: cells.take()?,
        webhook_secret: cells.take()?,
    })
}

pub(crate) fn token(row: &SqliteRow) -> Result<Token, StoreError> {
    let mut cells = Cells::of(row);
    Ok(Token {
        hash: cells.bytes()?,
        kind: cells.named(TokenKind::named)?,
        person: cells.take()?,
        label: cells.take()?,
        created_ms: cells.take()?,
        expires_ms: cells.take()?,
    })
}

pub(crate) fn snapshot(row: &SqliteRow) -> Result<(Head, String, usize), StoreError> {
    let mut cells = Cells::of(row);
    let head = Head {
        seq: cells.number()?,
        hash: cells.bytes()?,
    };
    Ok((head, cells.take()?, cells.number()?))
}

pub(crate) fn part(row: &SqliteRow) -> Result<Vec<u8>, StoreError> {
    Cells::of(row).take()
}

//! The functions that templates may call.

/// Name, and how many arguments it takes.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("and", 1, 100),
    ("date", 2, 2),
    ("eq", 2, 100),
    ("ge", 2, 2),
    ("gt", 2, 2),
    ("html", 1, 100),
    ("humanizeDuration", 1, 1),
    ("index", 1, 10),
    ("join", 2, 2),
    ("js", 1, 100),
    ("le", 2, 2),
    ("len", 1, 1),
    ("lt", 2, 2),
    ("match", 2, 2),
    ("ne", 2, 2),
    ("not", 1, 1),
    ("or", 1, 100),
    ("print", 0, 100),
    ("printf", 1, 100),
    ("println", 0, 100),
    ("reReplaceAll", 3, 3),
    ("safeHtml", 1, 1),
    ("safeUrl", 1, 1),
    ("since", 1, 1),
    ("slice", 1, 3),
    ("stringSlice", 0, 100),
    ("title", 1, 1),
    ("toJson", 1, 1),
    ("toLower", 1, 1),
    ("toUpper", 1, 1),
    ("trimSpace", 1, 1),
    ("tz", 2, 2),
    ("urlUnescape", 1, 1),
    ("urlquery", 1, 100),
];

/// Checks that a function is known and may be given so many arguments; otherwise what is wrong.
pub(super) fn check(name: &str, arguments: usize) -> Result<(), String> {
    let Some((_, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        return Err(format!("the function {name:?} is not known"));
    };
    if (*least..=*most).contains(&arguments) {
        Ok(())
    } else {
        Err(format!("{name} is given {arguments} arguments"))
    }
}

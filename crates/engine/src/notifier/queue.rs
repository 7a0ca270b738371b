//! What a lane has to do: the most urgent first, each group once, and none held up by one that waits for another try.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use stentor_domain::routing::GroupId;
use stentor_domain::severity::Severity;

/// Groups that wait, and those that are under way.
#[derive(Default)]
pub(super) struct Queue {
    /// The most urgent first, then in the order of coming.
    waiting: BinaryHeap<Reverse<(Severity, u64, GroupId)>>,
    known: HashMap<GroupId, Known>,
    order: u64,
}

/// A group that waits, is under way, or waits for another try.
struct Known {
    urgency: Severity,
    /// Its time came again meanwhile; how urgent it is then.
    again: Option<Severity>,
    tries: Tries,
}

/// The attempts for one look at a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tries {
    /// Attempts that failed.
    pub(super) failed: u32,
    /// No attempt is begun after this, in milliseconds since the epoch; set by the first.
    pub(super) until_ms: Option<i64>,
}

impl Queue {
    /// A group's time has come. False if it is known already: then it is looked at again when it is done.
    pub(super) fn push(&mut self, group: GroupId, urgency: Severity) -> bool {
        if let Some(known) = self.known.get_mut(&group) {
            known.again = Some(known.again.map_or(urgency, |again| again.min(urgency)));
            known.urgency = known.urgency.min(urgency);
            return false;
        }
        let known = Known {
            urgency,
            again: None,
            tries: Tries::default(),
        };
        self.known.insert(group, known);
        self.wait(group, urgency);
        true
    }

    /// The most urgent group that waits, and what was tried for it.
    pub(super) fn pop(&mut self) -> Option<(GroupId, Tries)> {
        let Reverse((_, _, group)) = self.waiting.pop()?;
        let tries = self.known.get(&group).map(|k| k.tries);
        Some((group, tries.unwrap_or_default()))
    }

    /// An attempt failed, another is to be made later. The group stays known and does not wait yet.
    pub(super) fn failed(&mut self, group: GroupId, tries: Tries) {
        if let Some(known) = self.known.get_mut(&group) {
            known.tries = tries;
        }
    }

    /// The time of another attempt has come. False if the group is not known any more.
    pub(super) fn retry(&mut self, group: GroupId) -> bool {
        let urgency = self.known.get(&group).map(|k| k.urgency);
        urgency.is_some_and(|urgency| {
            self.wait(group, urgency);
            true
        })
    }

    /// All is done for this look; how urgent the next is if its time came meanwhile.
    pub(super) fn done(&mut self, group: GroupId) -> Option<Severity> {
        self.known.remove(&group)?.again
    }

    /// Groups that wait for a worker.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn wait(&mut self, group: GroupId, urgency: Severity) {
        let order = self.order;
        self.order += 1;
        self.waiting.push(Reverse((urgency, order, group)));
    }
}

#[cfg(test)]
mod tests {
    use stentor_domain::severity::Severity::{Sev1, Sev3, Sev4};

    use super::*;

    fn group(number: u8) -> GroupId {
        GroupId([number; 16])
    }

    fn order(queue: &mut Queue) -> Vec<u8> {
        std::iter::from_fn(|| queue.pop().map(|(group, _)| group.0[0])).collect()
    }

    #[test]
    fn the_most_urgent_go_first_and_the_rest_in_order() {
        let mut queue = Queue::default();
        for (number, urgency) in [(1, Sev4), (2, Sev3), (3, Sev1), (4, Sev3)] {
            assert!(queue.push(group(number), urgency));
        }
        assert_eq!(order(&mut queue), [3, 2, 4, 1]);
    }

    #[test]
    fn a_group_waits_once_and_is_looked_at_again_with_its_urgency() {
        let mut queue = Queue::default();
        assert!(queue.push(group(1), Sev4));
        assert!(!queue.push(group(1), Sev4));
        assert!(!queue.push(group(1), Sev1));
        assert_eq!(order(&mut queue), [1]);
        assert_eq!(queue.done(group(1)), Some(Sev1));
        assert_eq!(queue.done(group(1)), None);
        assert!(queue.push(group(1), Sev4), "it is not known any more");
    }

    #[test]
    fn another_attempt_knows_what_was_tried_and_how_urgent_it_became() {
        let mut queue = Queue::default();
        queue.push(group(1), Sev4);
        queue.push(group(2), Sev3);
        assert_eq!(order(&mut queue), [2, 1]);
        let tries = Tries {
            failed: 2,
            until_ms: Some(9),
        };
        queue.failed(group(1), tries);
        assert_eq!(queue.len(), 0, "it waits for its time, not for a worker");
        queue.push(group(1), Sev1);
        assert!(queue.retry(group(2)) && queue.retry(group(1)));
        assert_eq!(queue.pop(), Some((group(1), tries)));
        assert!(!queue.retry(group(3)), "nobody knows it");
    }
}

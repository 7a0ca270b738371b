//! The running system: command intake with group commit, reconcilers and lanes.

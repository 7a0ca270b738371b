//! The one suite that every storage engine passes.
//!
//! [`store_contract!`](crate::store_contract) expands to one test for each clause, so a failure names what broke.

pub mod group;
pub mod journal;
pub mod leases;
pub mod members;
pub mod outbox;
pub mod people;
pub mod projections;
pub mod samples;
pub mod snapshots;
pub mod tokens;

use std::sync::Arc;

use async_trait::async_trait;
use stentor_store::Store;

/// A fresh, empty database that can be opened several times, as several nodes or a restarted one would.
#[async_trait]
pub trait Database: Send + Sync {
    /// Opens a store object of its own on the same data.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Expands to one `#[tokio::test]` for each clause. The argument is an expression (it may await) that makes a fresh
/// [`contract::Database`](crate::contract::Database).
#[macro_export]
macro_rules! store_contract {
    ($database:expr) => {
        $crate::store_contract!(@clauses $database;
            journal: an_empty_journal_has_the_zero_head,
            journal: entries_are_read_back_as_appended_and_without_gaps,
            journal: the_chain_is_verified_from_storage,
            journal: large_payloads_survive,
            journal: everything_survives_a_restart,
            journal: many_nodes_append_one_chain,
            journal: changed_returns_without_a_change,
            group: an_open_group_excludes_every_other,
            group: a_dropped_group_leaves_nothing,
            group: a_group_sees_what_others_committed,
            group: a_group_sees_its_own_appends,
            group: entries_that_do_not_follow_are_refused,
            group: every_write_is_applied_in_order,
            group: repeated_writes_change_nothing,
            group: large_groups_are_written_whole,
            group: an_erased_payload_leaves_a_tombstone,
            group: an_erased_entry_can_be_appended_elsewhere,
            group: forgetting_empties_the_projections_of_one_world,
            outbox: due_rows_are_claimed_oldest_first,
            outbox: a_lease_keeps_others_away_until_it_ends,
            outbox: a_worker_sees_only_its_world_and_lane,
            outbox: two_claimers_never_share_a_row,
            outbox: only_the_holder_postpones,
            outbox: next_due_respects_leases,
            outbox: waiting_lists_the_oldest,
            projections: timelines_return_the_newest_lines_oldest_first,
            projections: incidents_are_listed_newest_first,
            projections: the_first_answer_to_a_key_stands,
            projections: the_inbox_is_for_drills_only,
            projections: hostile_text_is_kept,
            people: contacts_are_replaced_listed_and_erased,
            tokens: tokens_expire_and_are_swept,
            tokens: a_token_is_taken_once,
            tokens: tokens_are_listed_by_person_and_kind,
            snapshots: the_newest_two_are_kept,
            snapshots: a_lower_snapshot_replaces_those_above,
            leases: a_lease_excludes_others_until_it_is_released,
            leases: a_lease_that_ran_out_can_be_taken,
            leases: a_renewal_counts_from_now,
            leases: of_many_takers_one_gets_a_free_lease,
            leases: of_many_takers_one_gets_a_lease_that_ran_out,
            leases: terms_are_bounded,
            leases: strange_lease_names_are_kept_apart,
            members: members_are_listed_by_node_and_replaced,
            members: a_member_that_fell_silent_is_gone,
            members: a_member_that_leaves_is_gone_at_once,
            members: strange_members_are_kept,
            members: clocks_of_one_machine_agree,
        );
    };
    (@clauses $database:expr; $($area:ident: $clause:ident,)*) => {
        $(
            #[tokio::test]
            async fn $clause() {
                let database = $database;
                $crate::contract::$area::$clause(&database).await;
            }
        )*
    };
}

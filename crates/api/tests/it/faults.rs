//! A request that is repeated until it is answered acts once, whatever the database does and whichever node is asked.

use std::sync::Arc;

use http::StatusCode;
use stentor_api::Options;
use stentor_testkit::simulated::{Fault, SimulatedDatabase};

use crate::house::House;

const INCIDENTS: &str = "/api/v1/worlds/live/incidents";
const DECLARED: &str = r#"{"service":"website","title":"It is gone","impact":"total"}"#;

/// More writes than one request makes.
const WRITES: usize = 4;

async fn incidents(house: &House, token: &str) -> usize {
    let list = house.read(token, INCIDENTS).await.json();
    list["incidents"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_fault_at_any_write_neither_loses_nor_doubles_a_request() {
    for fault in Fault::ALL {
        for passed in 0..WRITES {
            let database = SimulatedDatabase::new(1);
            let house = House::over(Options::default(), Arc::new(database.open())).await;
            let ada = house.token("ada").await;
            (0..passed).for_each(|_| database.pass_next());
            database.fail_next(fault);
            let mut tries = 0;
            loop {
                tries += 1;
                let answer = house.post(&ada, "k", INCIDENTS, DECLARED).await;
                if answer.status == StatusCode::CREATED {
                    assert_eq!(answer.json()["incident"], 1, "{fault:?} after {passed}");
                    break;
                }
                assert_eq!(answer.problem().0, 503, "{fault:?} after {passed}");
                assert!(tries < 5, "{fault:?} after {passed}: never done");
            }
            // Whatever of the script is left does not matter: a repeat writes nothing.
            let again = house.post(&ada, "k", INCIDENTS, DECLARED).await;
            assert_eq!(
                again.status,
                StatusCode::CREATED,
                "{fault:?} after {passed}: {}",
                again.body
            );
            assert_eq!(incidents(&house, &ada).await, 1, "{fault:?} after {passed}");
        }
    }
}

#[tokio::test]
async fn two_nodes_that_get_the_same_request_act_once() {
    let database = SimulatedDatabase::new(2);
    let one = House::over(Options::default(), Arc::new(database.open())).await;
    let two = House::over(Options::default(), Arc::new(database.open())).await;
    let ada = one.token("ada").await;
    let (a, b) = tokio::join!(
        one.post(&ada, "k", INCIDENTS, DECLARED),
        two.post(&ada, "k", INCIDENTS, DECLARED),
    );
    for answer in [&a, &b] {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        assert_eq!(answer.json()["incident"], 1);
    }
    assert_eq!(incidents(&two, &ada).await, 1);
    let other = two
        .post(&ada, "k", &format!("{INCIDENTS}/1/help"), "")
        .await;
    assert_eq!(other.problem(), (422, "key-reused".into()));
}

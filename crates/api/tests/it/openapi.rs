//! The document is a promise: what changes in it shows in its snapshot.

use std::collections::BTreeSet;

use crate::house::House;

#[tokio::test]
async fn the_document_is_served_as_it_was_reviewed() {
    let house = House::new().await;
    let mut served = house.get("/api/v1/openapi.json", &[]).await.json();
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    served["info"]["version"] = "(of the release)".into();
    // A dependency of the browser tests makes serde_json keep the order of insertion.
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("openapi", served);
    });
}

#[tokio::test]
async fn every_documented_route_exists_and_asks_who_calls() {
    let house = House::new().await;
    let document = house.get("/api/v1/openapi.json", &[]).await.json();
    let mut routes = 0;
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path.replace("{world}", "live").replace(['{', '}'], "");
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase().parse().unwrap();
            let request = crate::house::request(method, &filled, &[], "");
            let answer = house.send(request).await;
            assert_eq!(answer.problem(), (401, "sign-in-needed".into()), "{path}");
            routes += 1;
        }
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(id.clone()), "{id} names two operations");
        }
    }
    assert!(routes > 20, "{routes}");
}

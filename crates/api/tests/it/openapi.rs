//! The document is a promise: what changes in it shows in its snapshot.

use crate::house::House;

#[tokio::test]
async fn the_document_is_served_as_it_was_reviewed() {
    let house = House::new().await;
    let served = house.get("/api/v1/openapi.json", &[]).await.json();
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    insta::assert_json_snapshot!("openapi", served, { ".info.version" => "[version]" });
}

#[tokio::test]
async fn every_documented_route_exists_and_asks_who_calls() {
    let house = House::new().await;
    let document = house.get("/api/v1/openapi.json", &[]).await.json();
    let mut routes = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path.replace("{world}", "live").replace(['{', '}'], "");
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase().parse().unwrap();
            let request = crate::house::request(method, &filled, &[], "");
            let answer = house.send(request).await;
            assert_eq!(answer.problem(), (401, "sign-in-needed".into()), "{path}");
            routes += 1;
        }
    }
    assert!(routes > 20, "{routes}");
}

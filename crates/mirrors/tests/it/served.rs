//! Mirrors read back at their public address.

use stentor_mirrors::{Missing, Web};
use stentor_publish::MirrorFailure;

use crate::places::start;
use crate::publication::{House, hours, page, settled};

#[tokio::test]
async fn what_the_public_gets_counts() {
    // Written to a directory, and served by somebody who has his own idea of it.
    let (mut place, other, house) = (start("directory").await, start("put").await, House::new());
    let server = other.put.as_ref().unwrap();
    place.spec.url = Some(server.url());
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("First"), hours(0)).await.unwrap();
    let failure = settled(&publisher).await.unwrap_err();
    assert!(matches!(failure, MirrorFailure::Served(_)), "{failure}");
    assert!(
        failure.to_string().contains("the public does not get it"),
        "{failure}"
    );
    assert_eq!(
        publisher.outcomes()[0].word_at,
        Some(hours(0)),
        "by our own way"
    );

    // The same files at both places.
    place.spec.place = other.spec.place.clone();
    place.around = other.around.clone();
    drop(publisher);
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("First"), hours(1)).await.unwrap();
    settled(&publisher).await.unwrap();
    assert_eq!(publisher.outcomes()[0].word_at, Some(hours(1)));
}

#[tokio::test]
async fn headers_that_readers_need_are_missed() {
    let (place, house) = (start("put").await, House::new());
    let server = place.put.as_ref().unwrap();
    let mut publisher = house.publisher(vec![place.open()]);
    publisher.publish(&page("First"), hours(0)).await.unwrap();
    settled(&publisher).await.unwrap();
    let web = Web::new(&server.url(), &place.around).unwrap();
    let cors = ("access-control-allow-origin", "*");
    let caches = ("cache-control", "no-cache");
    for (headers, expect) in [
        (&[][..], &[Missing::AllowOrigin, Missing::Revalidation][..]),
        (&[cors], &[Missing::Revalidation]),
        (&[caches], &[Missing::AllowOrigin]),
        (
            &[("access-control-allow-origin", "null"), caches],
            &[Missing::AllowOrigin],
        ),
        (&[cors, caches], &[]),
    ] {
        server.send_headers(headers);
        assert_eq!(web.missing().await.unwrap(), expect, "{headers:?}");
    }
    assert!(Web::new("ftp://x", &place.around).is_err());
}

//! Servers with a certificate of an authority that this machine does not know.

use stentor_domain::mirror::MirrorPlace;
use stentor_mirrors::open;
use stentor_publish::{Mirror, MirrorError};
use stentor_testkit::authority::Authority;

use crate::places::{Place, SECRET, each_kind, start};
use crate::publication::{House, fresh, hours, page, settled};

fn trust(place: &mut Place, file: Option<&str>) {
    let (MirrorPlace::WebDav { ca_file, .. }
    | MirrorPlace::Put { ca_file, .. }
    | MirrorPlace::Git { ca_file, .. }) = &mut place.spec.place
    else {
        let MirrorPlace::S3(s3) = &mut place.spec.place else {
            panic!("{:?} has no certificate", place.spec.place)
        };
        s3.ca_file = file.map(str::to_owned);
        return;
    };
    *ca_file = file.map(str::to_owned);
}

async fn refused(mirror: Box<dyn Mirror>) -> String {
    match mirror.write("index.html", b"x").await {
        Err(MirrorError::Failed(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn check(kind: &str) {
    let (mut place, house) = (start(kind).await, House::new());
    let mut publisher = house.publisher(vec![place.open()]);
    for (hour, word) in [(0, "First"), (1, "Second")] {
        publisher.publish(&page(word), hours(hour)).await.unwrap();
        settled(&publisher).await.unwrap();
        fresh(&place, &house, word, hours(hour)).await;
    }
    drop(publisher);

    // Without the authority, and with another one.
    let other = Authority::new(&["127.0.0.1"]).ca_pem;
    std::fs::write(place.at("config/other.pem"), other).unwrap();
    for file in [None, Some("other.pem")] {
        trust(&mut place, file);
        let why = refused(place.open()).await;
        for part in ["127.0.0.1", "certificate", "certification authority"] {
            assert!(why.contains(part), "{file:?}: {why:?} lacks {part:?}");
        }
        assert!(!why.contains(SECRET), "{why}");
        let failure = {
            let mut publisher = house.publisher(vec![place.open()]);
            publisher.publish(&page("Third"), hours(2)).await.unwrap();
            settled(&publisher).await.unwrap_err()
        };
        assert!(failure.to_string().contains("certificate"), "{failure}");
    }
    // A file that is not there is told before anything is sent.
    trust(&mut place, Some("gone.pem"));
    let why = open(&place.spec, &place.around).err().unwrap().to_string();
    assert!(why.contains("config/gone.pem cannot be read"), "{why}");

    // What readers find is whole all the while, and goes on when the right one is named.
    trust(&mut place, Some("ca.pem"));
    fresh(&place, &house, "Second", hours(2)).await;
    let publisher = house.publisher(vec![place.open()]);
    publisher.push(hours(2)).await.unwrap();
    settled(&publisher).await.unwrap();
    fresh(&place, &house, "Third", hours(2)).await;
}

each_kind!(check; s3 = "moto-tls", webdav = "webdav-tls", put = "put-tls", git = "git-https");

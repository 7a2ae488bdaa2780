use super::*;

fn spec(hosts: &[&str]) -> UrlSpec {
    UrlSpec {
        schemes: vec![UrlScheme::Https],
        hosts: hosts
            .iter()
            .map(|host| HostPattern::parse(host).unwrap())
            .collect(),
        ports: UrlPorts::Default,
        public: false,
        path: None,
    }
}

fn public() -> UrlSpec {
    UrlSpec {
        schemes: vec![UrlScheme::Http, UrlScheme::Https],
        ports: UrlPorts::Any,
        public: true,
        ..spec(&[])
    }
}

fn api() -> UrlSpec {
    let path = UrlPath::new(["/v1"], ["/v1/admin"]).unwrap();
    UrlSpec {
        path: Some(path),
        ..spec(&["api.example.com"])
    }
}

#[track_caller]
fn check(spec: &UrlSpec, text: &str, expected: Option<bool>) {
    assert_eq!(spec.admits(text), expected, "{text:?}");
}

#[test]
fn listed_hosts() {
    let spec = spec(&["example.com", "*.example.com"]);
    for text in [
        "https://example.com",
        "https://EXAMPLE.com/",
        "https://a.b.example.com:443/x",
        "https://example.com?x=http://e.com",
        "https://example.com#@evil.com",
        "https://example.com/@evil.com",
        "https://example.com/\u{e9}",
        "https://example.com/?q=a b",
    ] {
        check(&spec, text, Some(true));
    }
    check(&spec, "https://xn--e.example.com/", None);
    check(&spec, "https://a_b.example.com/", None);
    for text in [
        "https://evil.com/",
        "https://example.com.evil.com/",
        "https://evilexample.com",
        "http://example.com/",
        "https://example.com:444/",
        "https://93.184.216.34/",
        "https://[2606:4700::1]/",
        "https://example.org?.example.com",
        "https://com/",
        "https://evil.com/.example.com",
    ] {
        check(&spec, text, Some(false));
    }
}

#[test]
fn what_clients_read_differently() {
    let specs = [spec(&["example.com", "*.example.com"]), public()];
    for text in [
        "",
        "example.com",
        "//example.com",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://",
        "https:\\\\example.com",
        "HTTPS://example.com",
        "ftp://example.com/",
        "javascript://example.com/%0aalert(1)",
        "https://user@example.com/",
        "https://@example.com/",
        "https://u:p@example.com",
        "https://:@example.com",
        "https://evil.com@example.com",
        "https://example.com\\@evil.com",
        "https://example.com\\x",
        "https://example.com/a\\b",
        "https://exa\tmple.com/",
        "https://example.com\n/",
        " https://example.com",
        "https://example.com ",
        "https://example.com/a b",
        "https://example.com/\u{a0}",
        "https://example.com/?a\r\nHost: x",
        "https://example.com\0.evil.com",
        "https://example.com%2eevil.com",
        "https://ex%61mple.com",
        "https://example\u{3002}com",
        "https://ex\u{ad}ample.com",
        "https://\u{24d4}xample.com",
        "https://exampl\u{435}.com",
        "https://example.com.",
        "https://.example.com",
        "https://a..example.com",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:0443",
        "https://example.com:+443",
        "https://example.com:65536",
        "https://example.com:443x",
        "https://example.com:443:443",
        "https://[example.com]",
        "https://[::1",
        "https://::1/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://2130706433/",
        "https://127.1/",
        "https://8.8.8.8./",
        "https://08.8.8.8/",
        "https://[::ffff:127.0.0.1]/",
        "https://[0:0::1]/",
        "https://[2606:4700:4700::1111%25eth0]/",
        "https://[2606:4700:4700:0::1111]/",
        "https://1.2.3.4.5/",
        "http://8.8.8.8-/",
        "http://010.8.8.8x.9-/",
        "https://-a.example.com/",
        "https://example.com|x/",
        "https://example.com<x/",
        "https://exa*mple.com\u{200b}/",
    ] {
        for spec in &specs {
            check(spec, text, None);
        }
    }
    let long = format!("https://example.com/{}", "a".repeat(8192));
    check(&specs[0], &long, None);
}

#[test]
fn public_addresses() {
    let spec = public();
    for text in [
        "http://8.8.8.8/",
        "http://9.255.255.255:1/",
        "http://172.15.0.1/",
        "http://172.32.0.1/",
        "http://100.63.0.1/",
        "http://192.0.1.1/",
        "http://198.20.0.1/",
        "http://223.255.255.255/",
        "http://[2606:4700:4700::1111]:65535/",
        "http://[2001:4860:4860::8888]/",
        "https://example.org/?u=http://127.0.0.1",
        "https://internal.example.org/",
        "https://localhost.example.org/",
        "https://notnip.io/",
        "https://xn--bcher-kva.example/",
    ] {
        check(&spec, text, Some(true));
    }
    for text in [
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://100.64.0.1/",
        "http://127.0.0.1/",
        "http://169.254.169.254/",
        "http://172.31.255.255/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://192.168.0.1/",
        "http://198.19.0.1/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://168.63.129.16/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
        "http://[2001::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[3fff::1]/",
        "http://[5f00::1]/",
        "http://localhost/",
        "http://a.localhost/",
        "http://intranet/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "http://a.svc.cluster.local/",
        "http://x.home.arpa/",
        "http://127.0.0.1.nip.io/",
        "http://nip.io/",
        "http://a.sslip.io:8080/",
        "http://LOCALHOST/",
        "http://Example.org/",
    ] {
        check(&spec, text, Some(false));
    }
}

#[test]
fn ports() {
    let spec = UrlSpec {
        ports: UrlPorts::These(vec![NonZeroU16::new(8443).unwrap()]),
        ..spec(&["example.com"])
    };
    check(&spec, "https://example.com:8443/", Some(true));
    check(&spec, "https://example.com/", Some(false));
    check(&spec, "https://example.com:443/", Some(false));
    let http = UrlSpec {
        schemes: vec![UrlScheme::Http],
        ports: UrlPorts::Default,
        ..spec
    };
    check(&http, "http://example.com:80/", Some(true));
    check(&http, "http://example.com:443/", Some(false));
}

#[test]
fn paths() {
    let spec = api();
    for text in [
        "https://api.example.com/v1/x",
        "https://API.example.com:443/v1/x/",
        "https://api.example.com/v1/a/../b?x=/v1/admin",
        "https://api.example.com/v1/x/admin",
        "https://api.example.com/v1/x;y/../z",
        "https://api.example.com/v1/x/y;z",
        "https://api.example.com/v1/administrator",
        "https://api.example.com/v1/%C3%A9",
    ] {
        check(&spec, text, Some(true));
    }
    for text in [
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com/v1",
        "https://api.example.com/v1/",
        "https://api.example.com/v10/x",
        "https://api.example.com/V1/x",
        "https://api.example.com/%76%31/x",
        "https://api.example.com/v1/../v2/x",
        "https://api.example.com/v1/%2e%2e/v2/x",
        "https://api.example.com/v1/x/.%2E/../admin",
        "https://api.example.com/v1/admin",
        "https://api.example.com/v1/AdMiN/x",
        "https://api.example.com/v1/%61dmin",
        "https://api.example.com/v1/./admin/",
        "https://api.example.com/v1/x/../admin",
        "https://api.example.com/v1/admin.",
        "https://api.example.com/v1/admin%20",
        "https://api.example.com/v1/%EF%BD%81dmin",
        "https://api.example.com/v1/adm\u{131}n",
        "https://api.example.com/v1?x",
        "https://other.example.com/v1/x",
    ] {
        check(&spec, text, Some(false));
    }
    for text in [
        "https://api.example.com//v1/x",
        "https://api.example.com/v1//x",
        "https://api.example.com/v1//",
        "https://api.example.com/v1/x//y",
        "https://api.example.com/v1/x%2fy",
        "https://api.example.com/v1/x%5C..",
        "https://api.example.com/v1/x%00",
        "https://api.example.com/v1/%2561dmin",
        "https://api.example.com/v1;x/y",
        "https://api.example.com/v1/admin;x",
        "https://api.example.com/v1/x%",
        "https://api.example.com/v1/x%zz",
        "https://api.example.com/v1/x%0d%0ay",
        "https://api.example.com/v1/%c0%afadmin",
    ] {
        check(&spec, text, None);
    }
}

#[test]
fn paths_of_policies() {
    for (text, expected) in [
        ("v1", UrlPathError::NotAbsolute),
        ("/", UrlPathError::NotNormal),
        ("/v1/", UrlPathError::NotNormal),
        ("/v1/../x", UrlPathError::NotNormal),
        ("/v1/a b", UrlPathError::NotPlain),
        ("/v1/%61", UrlPathError::NotPlain),
        ("/v1;x", UrlPathError::NotPlain),
    ] {
        assert_eq!(UrlPath::new([text], []).unwrap_err(), (text, expected));
        assert_eq!(UrlPath::new([], [text]).unwrap_err(), (text, expected));
    }
}

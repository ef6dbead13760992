"""The dashboard's front end, as a browser gets it from the program."""

import gzip
import re

from running_ca import REPOSITORY

BUILT = (REPOSITORY / "dashboard/dist/index.html").exists()


def test_whoever_knows_only_the_host_gets_the_page_or_how_to_build_it(shared_ca):
    led = shared_ca.secure("GET", "/")
    assert led.status == 302 and led.headers["Location"] == "/ui/"
    page = shared_ca.secure("GET", "/ui/")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"] and "unsafe" not in page.headers["Content-Security-Policy"]
    tried = (REPOSITORY / "dashboard/browser/server.mjs").read_text()
    assert f'"{page.headers["Content-Security-Policy"]}"' in tried, "the browser tries every screen under another policy"
    if not BUILT:
        assert page.status == 503 and b"npm run build" in page.body
        return
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assert page.body == (REPOSITORY / "dashboard/dist/index.html").read_bytes()
    assert shared_ca.secure("GET", "/ui/certificates/0a0b").body == page.body, "an address of the page's own"
    files = re.findall(r'(?:src|href)="(/ui/[^"]+)"', page.body.decode())
    assert files, page.body
    for file in files:
        whole = shared_ca.secure("GET", file)
        assert whole.status == 200, file
        packed = shared_ca.secure("GET", file, headers={"Accept-Encoding": "gzip"})
        if packed.headers["Content-Encoding"] == "gzip":
            assert gzip.decompress(packed.body) == whole.body, file
        assert shared_ca.secure("GET", file, headers={"If-None-Match": whole.headers["ETag"]}).status == 304


def test_the_page_is_not_served_where_nothing_protects_it(shared_ca):
    assert shared_ca.plain("GET", "/ui/").status == 404, "a token is never typed into a page that came over plain HTTP"

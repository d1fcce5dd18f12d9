"""The SSRF table: whatever is written, nothing inside is ever called."""

from ipaddress import ip_address

import pytest

from mlscore.outgoing import Allowed, check_address
from mlscore.outgoing.vetting import is_public, resolve_by_system
from mlscore.scoring.errors import AddressError, FaultyInputError, UnreachableError

NOBODY = Allowed()
PUBLIC = "93.184.216.34"

WRITTEN_AS_NUMBERS = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[::127.0.0.1]/",
    "https://[ff02::1]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
]
NOT_OURS_TO_CALL = [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "",
    "https://",
    "https:///path",
    "https://user:secret@example.com/",
    "https://example.com@127.0.0.1/",
    "https://exa mple.com/",
    "https://[::1",
    "https://example.com:99999/",
    "https://\x00/",
]


def to(*addresses: str):
    """Return a resolver that leads every host to these."""
    return lambda _host, _port: [ip_address(one) for one in addresses]


@pytest.mark.parametrize("url", WRITTEN_AS_NUMBERS)
def test_nothing_inside_is_called_however_it_is_written(url):
    with pytest.raises((AddressError, UnreachableError)):
        check_address(url, allowed=NOBODY)


@pytest.mark.parametrize("url", NOT_OURS_TO_CALL)
def test_only_plain_https_addresses_are_called(url):
    with pytest.raises(AddressError):
        check_address(url, allowed=NOBODY, resolve=to(PUBLIC))


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.0.1", "fd00::1"])
def test_a_name_that_leads_inside_is_refused_even_if_it_leads_outside_too(inside):
    with pytest.raises(AddressError, match="MLSCORE_OUTGOING_ALLOWED"):
        check_address("https://crm.example/", allowed=NOBODY, resolve=to(inside))
    with pytest.raises(AddressError):
        check_address("https://crm.example/", allowed=NOBODY, resolve=to(PUBLIC, inside))


def test_a_name_on_the_internet_is_called_at_the_address_it_was_vetted_for():
    found = check_address("https://crm.example/rest", allowed=NOBODY, resolve=to(PUBLIC, "2606:4700::1111"))
    assert str(found) == PUBLIC


@pytest.mark.parametrize("public", [PUBLIC, "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "8.8.8.8"])
def test_addresses_of_the_internet_are_known_as_such(public):
    assert is_public(ip_address(public))


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label too long")])
def test_a_host_that_is_nowhere_is_told_apart_from_one_that_is_refused(error):
    def fail(_host, _port):
        raise error

    with pytest.raises(UnreachableError, match="how it is spelt"):
        check_address("https://crm.exmaple/", allowed=NOBODY, resolve=fail)
    with pytest.raises(UnreachableError):
        check_address("https://crm.example/", allowed=NOBODY, resolve=lambda *_: [])


@pytest.mark.parametrize(
    ("written", "url", "leads_to"),
    [
        ("10.1.0.0/16", "https://anything/", "10.1.2.3"),
        ("crm.local", "https://crm.local/", "192.168.1.5"),
        ("CRM.local", "https://crm.LOCAL/", "fd00::5"),
        ("other, http://old-crm.local", "http://old-crm.local:8080/rest", "10.0.0.9"),
        ("127.0.0.0/8", "https://localhost/", "127.0.0.1"),
        ("10.0.0.0/8", "https://mapped/", "::ffff:10.0.0.1"),
    ],
)
def test_a_crm_of_ones_own_is_called_where_the_administrator_names_it(written, url, leads_to):
    assert check_address(url, allowed=Allowed.of(written), resolve=to(leads_to))


@pytest.mark.parametrize("leads_to", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "::", "224.0.0.1"])
def test_a_name_is_trusted_with_the_private_network_and_never_with_this_machine(leads_to):
    with pytest.raises(AddressError):
        check_address("https://crm.local/", allowed=Allowed.of("crm.local"), resolve=to(leads_to))


@pytest.mark.parametrize(
    ("written", "url", "leads_to"),
    [
        ("10.1.0.0/16", "https://anything/", "10.2.0.1"),
        ("crm.local", "https://evil.crm.local/", "10.0.0.1"),
        ("crm.local", "http://crm.local/", "10.0.0.1"),
        ("http://old-crm.local", "http://example.com/", PUBLIC),
    ],
)
def test_what_was_not_named_stays_refused(written, url, leads_to):
    with pytest.raises(AddressError):
        check_address(url, allowed=Allowed.of(written), resolve=to(leads_to))


def test_a_network_that_cannot_be_read_is_refused_at_the_start():
    with pytest.raises(FaultyInputError, match=r"10\.0\.0\.1/8"):
        Allowed.of("10.0.0.1/8")


def test_the_system_reads_numbers_as_addresses_and_so_do_we():
    assert [str(ip) for ip in resolve_by_system("0x7f.1", 443)] == ["127.0.0.1"]

import pytest

from tests.crm.csv_file.files import a_file, a_mapping, codes, faults_of, read

JOIN = """
[[join]]
file = "clients.csv"
left = "client"
right = "name"
prefix = "clients"
levels = { "Par Co" = "ParCo" }

[facts]
employees = "clients.staff"
"""


def employees_of(history):
    return [past.deal.employees for past in history.deals]


def test_a_side_file_gives_its_columns_to_the_rows_that_name_it(tmp_path):
    a_file(tmp_path, "name,staff\nParCo,70\nKotel,5\n", name="clients.csv")
    file = a_file(tmp_path, "id,client\n1,Kotel\n2,Par Co\n3,ParCo\n")
    assert employees_of(read(file, a_mapping(tmp_path, JOIN))) == [5.0, 70.0, 70.0]


def test_a_key_that_is_not_found_leaves_the_facts_unknown_and_is_counted(tmp_path):
    a_file(tmp_path, "name,staff\nKotel,5\n", name="clients.csv")
    history = read(a_file(tmp_path, "id,client\n1,Kotel\n2,Nobody\n3,\n"), a_mapping(tmp_path, JOIN))
    assert employees_of(history) == [5.0, None, None]
    assert history.unmatched == {"clients": 1}


def test_a_side_file_may_be_written_otherwise_and_lie_beside_the_mapping(tmp_path):
    folder = tmp_path / "mappings"
    folder.mkdir()
    a_file(folder, "name;staff\nКотёл;5\n", name="clients.csv", encoding="cp1251")
    text = JOIN.replace('left = "client"', 'left = "client"\nencoding = "cp1251"\ndelimiter = ";"')
    file = a_file(tmp_path, "id,client\n1,Котёл\n")
    assert employees_of(read(file, a_mapping(folder, text))) == [5.0]


def test_a_side_file_may_hang_on_another(tmp_path):
    a_file(tmp_path, "name,city\nKotel,Tula\n", name="clients.csv")
    a_file(tmp_path, "city,area\nTula,Centre\n", name="cities.csv")
    text = JOIN.replace('employees = "clients.staff"', 'region = "cities.area"').replace(
        "[facts]",
        '[[join]]\nfile = "cities.csv"\nleft = "clients.city"\nright = "city"\nprefix = "cities"\n[facts]',
    )
    [past] = read(a_file(tmp_path, "id,client\n1,Kotel\n"), a_mapping(tmp_path, text)).deals
    assert past.deal.region == "Centre"


@pytest.mark.parametrize(
    ("side_file", "fault"),
    [
        ("name,staff\nKotel,5\nKotel,6\n", ("join[0].right", "mapping.duplicate_key")),
        ("name,staff\nKotel\n", ("join[0].right", "import.cell_count")),
        ("naem,staff\nKotel,5\n", ("join[0].right", "mapping.unknown_column")),
        ("", ("join[0].file", "import.no_header")),
        (None, ("join[0].file", "mapping.no_such_file")),
    ],
)
def test_a_side_file_that_cannot_be_joined_is_a_fault_of_the_mapping(tmp_path, side_file, fault):
    if side_file is not None:
        a_file(tmp_path, side_file, name="clients.csv")
    assert fault in codes(faults_of(a_file(tmp_path, "id,client\n1,Kotel\n"), a_mapping(tmp_path, JOIN)))


def test_the_line_of_a_key_that_is_there_twice_is_told(tmp_path):
    a_file(tmp_path, "name,staff\nKotel,5\nKotel,6\n", name="clients.csv")
    faults = faults_of(a_file(tmp_path, "id,client\n1,Kotel\n"), a_mapping(tmp_path, JOIN))
    assert faults[0].params == {"file": "clients.csv", "line": 3}

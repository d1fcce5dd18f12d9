from tests.crm.csv_file.files import a_file, a_mapping, codes, faults_of, read

HASHED = '[id]\nhash = "all"\nprefix = "x-"\nduplicates = "{}"'


def ids(history):
    return [past.deal.deal_id for past in history.deals]


def wrong_in(history):
    return [(reject.line, cell.code) for reject in history.rejects for cell in reject.wrong]


def test_a_row_that_repeats_another_exactly_is_counted_and_not_read_twice(tmp_path):
    history = read(a_file(tmp_path, "id,a\n1,x\n2,x\n1,x\n"), a_mapping(tmp_path, ""))
    assert (ids(history), history.duplicates, history.rejects) == (["1", "2"], 1, ())


def test_a_later_row_of_the_same_deal_that_says_something_else_is_rejected(tmp_path):
    history = read(a_file(tmp_path, "id,a\n1,x\n1,y\n"), a_mapping(tmp_path, ""))
    assert (ids(history), wrong_in(history)) == (["1"], [(3, "import.duplicate_id")])


def test_an_id_must_be_there_and_safe_in_a_path(tmp_path):
    rows = ["", "a/b", "..", "x" * 129, "50%", "сделка № 7"]
    history = read(a_file(tmp_path, "id,a\n" + "".join(f"{r},1\n" for r in rows)), a_mapping(tmp_path, ""))
    assert ids(history) == ["сделка № 7"]
    assert [code for _, code in wrong_in(history)] == ["import.bad_deal_id"] * 5


def test_hashed_rows_that_are_the_same_are_dropped_or_numbered(tmp_path):
    file = a_file(tmp_path, "a,b\n1,2\n3,4\n1,2\n")
    dropped = read(file, a_mapping(tmp_path, HASHED.format("drop")))
    kept = read(file, a_mapping(tmp_path, HASHED.format("keep")))
    assert (len(dropped.deals), dropped.duplicates) == (2, 1)
    assert (len(kept.deals), kept.duplicates) == (3, 0)
    assert ids(kept)[:2] == ids(dropped)
    assert ids(kept)[2] == ids(kept)[0].removesuffix("-1") + "-2"
    assert all(name.startswith("x-") for name in ids(kept))


def test_a_hash_is_the_same_in_another_order_of_rows_and_columns(tmp_path):
    mapping = a_mapping(tmp_path, HASHED.format("drop"))
    one = ids(read(a_file(tmp_path, "a,b\n1,2\n3,4\n"), mapping))
    other = ids(read(a_file(tmp_path, "b,a\n4,3\n2,1\n"), mapping))
    assert other == one[::-1]


def test_a_hash_of_named_columns_survives_a_change_in_the_others(tmp_path):
    mapping = a_mapping(tmp_path, "", ids='hash = ["a"]')
    before = ids(read(a_file(tmp_path, "a,result\nx,\ny,\n"), mapping))
    after = ids(read(a_file(tmp_path, "a,result\nx,won\ny,lost\n"), mapping))
    assert before == after
    assert len(set(before)) == 2


def test_two_rows_of_the_same_named_columns_get_ordinals_unless_they_are_the_same_row(tmp_path):
    mapping = a_mapping(tmp_path, "", ids='hash = ["a"]')
    history = read(a_file(tmp_path, "a,b\nx,1\nx,2\nx,1\n"), mapping)
    assert [name.rpartition("-")[2] for name in ids(history)] == ["1", "2"]
    assert history.duplicates == 1


def test_the_columns_of_an_id_must_exist(tmp_path):
    file = a_file(tmp_path, "a\n1\n")
    assert codes(faults_of(file, a_mapping(tmp_path, "", ids='column = "b"'))) == {
        ("id.column", "mapping.unknown_column")
    }
    assert codes(faults_of(file, a_mapping(tmp_path, "", ids='hash = ["a", "c"]'))) == {
        ("id.hash", "mapping.unknown_column")
    }


def test_a_mended_reject_file_names_its_deals_as_the_file_did(tmp_path):
    mapping = a_mapping(tmp_path, HASHED.format("drop"))
    whole = ids(read(a_file(tmp_path, "a,b\n1,2\n"), mapping))
    mended = "a,b,rejected_line,rejected_column,rejected_reason\n1,2,7,a,because\n"
    assert ids(read(a_file(tmp_path, mended), mapping)) == whole

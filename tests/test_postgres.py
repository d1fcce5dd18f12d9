"""The databases the other tests are given are empty, real and their own."""

from sqlalchemy import create_engine, inspect, text


def test_a_test_is_given_an_empty_database_it_may_write_to(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE deal (deal_id TEXT PRIMARY KEY)"))
    assert inspect(engine).get_table_names() == ["deal"]
    engine.dispose()


def test_the_next_test_finds_nothing_of_it(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()

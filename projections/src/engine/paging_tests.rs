//! Cursors, what they ask for, and the pages that come of it.

use super::*;

const BY: By = By { key: &["at"], id: "id" };

fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[test]
fn cursor_survives_its_text_and_nothing_else_is_one() {
    for key in [Found::Newest(at(1_767_225_600_000_001)), Found::Best(Weight("1.2500".to_owned()))] {
        for turn in [Turn::After(key.clone(), id(7)), Turn::Before(key.clone(), id(7))] {
            assert_eq!(Turn::from_cursor(&turn.cursor().unwrap()), Some(turn));
        }
    }
    let shelf = Shelf { category: "community".to_owned(), name: "Tüftler".to_owned() };
    let turn = Turn::After(shelf, id(7));
    let cursor = turn.cursor().unwrap();
    assert_eq!(Turn::from_cursor(&cursor), Some(turn));
    assert_eq!(Turn::<DateTime<Utc>>::from_cursor(&cursor), None, "a cursor of another list");
    for bad in ["", "2", "after-7", "YQ", "%", &cursor[..20]] {
        assert_eq!(Turn::<Found>::from_cursor(bad), None, "{bad}");
    }
    assert_eq!((Turn::<Weight>::First.cursor(), Turn::<Weight>::Number(2).cursor()), (None, None));
}

#[test]
fn weight_is_a_decimal_and_nothing_that_a_statement_would_refuse() {
    assert!(Weight::from_text("4.25").is_some());
    for bad in ["", ".", "NaN", "1e9", "-1", "1.2.3", &"9".repeat(65)] {
        assert_eq!(Weight::from_text(bad), None, "{bad}");
    }
}

#[test]
fn cursor_of_a_time_that_no_database_holds_is_none() {
    assert!(DateTime::<Utc>::from_text("1767225600000001").is_some());
    for bad in [
        "",
        "x",
        "-1",
        "-9223372036854775808",
        "9223372036854775807",
        "-210866803200000001",
        "253402300800000000",
    ] {
        assert_eq!(DateTime::<Utc>::from_text(bad), None, "{bad}");
        assert_eq!(Found::from_text(&format!("t{bad}")), None, "{bad}");
    }
}

fn sql(turn: Turn<DateTime<Utc>>) -> String {
    let mut sql = Sql::new("");
    Paging { turn, size: 2 }.push_to(&mut sql, BY);
    sql.sql().to_owned()
}

#[test]
fn list_goes_on_beyond_the_row_of_its_cursor_in_both_directions() {
    assert_eq!(sql(Turn::First), " ORDER BY at DESC, id LIMIT $1");
    assert_eq!(sql(Turn::Number(3)), " ORDER BY at DESC, id LIMIT $1 OFFSET $2");
    assert_eq!(
        sql(Turn::After(at(5), id(1))),
        " AND (at) <= ($1) AND ((at) < ($2) OR id > $3) ORDER BY at DESC, id LIMIT $4"
    );
    assert_eq!(
        sql(Turn::Before(at(5), id(1))),
        " AND (at) >= ($1) AND ((at) > ($2) OR id < $3) ORDER BY at, id DESC LIMIT $4"
    );
    let mut rising = Sql::new("");
    let shelf = Shelf { category: "a".to_owned(), name: "b".to_owned() };
    let by = By { key: &["category", "name"], id: "id" };
    Paging { turn: Turn::After(shelf, id(1)), size: 2 }.push_to(&mut rising, by);
    assert_eq!(
        rising.sql(),
        " AND (category, name) >= ($1, $2) AND ((category, name) > ($3, $4) OR id > $5) \
         ORDER BY category, name, id LIMIT $6"
    );
}

fn page(turn: Turn<DateTime<Utc>>, rows: Vec<i64>) -> Page<i64, Turn<DateTime<Utc>>> {
    Paging { turn, size: 2 }.page(9, rows, |row| (at(*row), id(0)))
}

#[test]
fn page_tells_where_the_list_goes_on_and_what_leads_up_to_it() {
    let after = |row| Some(Turn::After(at(row), id(0)));
    let before = |row| Some(Turn::Before(at(row), id(0)));

    let first = page(Turn::First, vec![9, 8, 7]);
    assert_eq!((first.results, first.next, first.previous), (vec![9, 8], after(8), None));
    let last = page(Turn::After(at(8), id(0)), vec![7, 6]);
    assert_eq!((last.results, last.next, last.previous), (vec![7, 6], None, before(7)));
    let back = page(Turn::Before(at(5), id(0)), vec![6, 7, 8]);
    assert_eq!((back.results, back.next, back.previous), (vec![7, 6], after(6), before(7)));
    let numbered = page(Turn::Number(2), vec![7, 6, 5]);
    assert_eq!((numbered.next, numbered.previous), (Some(Turn::Number(3)), Some(Turn::Number(1))));
}

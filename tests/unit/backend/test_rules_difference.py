from backend.domain.rules_difference import DIFFERENCES_MAX, differences


def test_paths_and_what_stood_there() -> None:
    before = {"version": 1, "a": {"x": 1, "y": 2}, "gone": 3}
    after = {"version": 2, "a": {"x": 1, "y": 5}, "new": [1]}
    assert differences(before, after) == [("a.y", 2, 5), ("gone", 3, None), ("new", None, [1])]


def test_members_of_a_list_are_known_by_what_they_are_called_not_by_their_place() -> None:
    rice, soup = {"code": "1", "price_fen": 50}, {"code": "3", "price_fen": 100}
    dearer = {"code": "3", "price_fen": 120}
    assert differences({"menu": [rice, soup]}, {"menu": [dearer, rice]}) == [
        ("menu.3.price_fen", 100, 120)
    ]
    assert differences({"menu": []}, {"menu": [rice]}) == [("menu", [], [rice])]


def test_a_list_without_names_is_taken_whole() -> None:
    assert differences({"order": ["a", "b"]}, {"order": ["b", "a"]}) == [
        ("order", ["a", "b"], ["b", "a"])
    ]
    twice = [{"id": "a", "n": 1}, {"id": "a", "n": 2}]
    assert differences({"x": twice}, {"x": [{"id": "a", "n": 1}]}) == [
        ("x", twice, [{"id": "a", "n": 1}])
    ]


def test_nobody_reads_more_than_so_many() -> None:
    many = {str(one): one for one in range(2 * DIFFERENCES_MAX)}
    assert len(differences(many, {})) == DIFFERENCES_MAX

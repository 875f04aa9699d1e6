"""The view in memory: late, doubled and lost events leave it as the API server has it."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from podium.cluster.resources import COMPETITIONS, JOBS, ROUNDS, SUBMISSIONS, Raw
from podium.cluster.store import Store

SPACE = "games"


def _submission(uid: str, version: int, competition: str = "small", namespace: str = SPACE) -> Raw:
    return {
        "metadata": {
            "uid": uid,
            "name": f"name-{uid}",
            "namespace": namespace,
            "resourceVersion": str(version),
        },
        "spec": {"competition": competition},
    }


def _uids(found: list[Raw]) -> list[str]:
    return sorted(raw["metadata"]["uid"] for raw in found)


def test_an_object_is_found_by_uid_name_and_what_it_belongs_to() -> None:
    store, raw = Store(), _submission("a", 1)
    assert store.put(SUBMISSIONS, raw)
    assert store.get(SUBMISSIONS, "a") == raw
    assert store.find(SUBMISSIONS, SPACE, "name-a") == raw
    assert store.group(SUBMISSIONS, SPACE, "small") == [raw]
    assert list(store.all(SUBMISSIONS)) == [raw]
    assert store.count(SUBMISSIONS) == 1


def test_who_wrote_what_is_not_kept() -> None:
    store, raw = Store(), _submission("a", 1)
    kept = {"podium.dev/purpose": "Fetch"}
    annotations = {**kept, "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    bulky = {**raw["metadata"], "managedFields": [{"manager": "podium"}], "annotations": annotations}
    store.put(SUBMISSIONS, {**raw, "metadata": bulky})
    assert store.get(SUBMISSIONS, "a") == {**raw, "metadata": {**raw["metadata"], "annotations": kept}}


def test_namespaces_and_resources_are_apart() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 1))
    assert store.find(SUBMISSIONS, "elsewhere", "name-a") is None
    assert store.group(SUBMISSIONS, "elsewhere", "small") == []
    assert list(store.all(SUBMISSIONS, "elsewhere")) == []
    assert store.get(COMPETITIONS, "a") is None


def test_a_doubled_event_is_no_news() -> None:
    store = Store()
    assert store.put(SUBMISSIONS, _submission("a", 5))
    assert not store.put(SUBMISSIONS, _submission("a", 5))


def test_a_late_event_does_not_undo_a_newer_one() -> None:
    store, newer = Store(), _submission("a", 12)
    store.put(SUBMISSIONS, newer)
    assert not store.put(SUBMISSIONS, _submission("a", 9))
    assert store.get(SUBMISSIONS, "a") == newer


def test_versions_are_numbers_and_not_text() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 9))
    assert store.put(SUBMISSIONS, _submission("a", 10))


def test_a_deleted_object_does_not_come_back_by_a_late_event() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 5))
    assert store.remove(SUBMISSIONS, _submission("a", 7))
    assert not store.put(SUBMISSIONS, _submission("a", 6))
    assert store.count(SUBMISSIONS) == 0


def test_a_list_of_one_resource_keeps_the_others_dead_dead() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 5))
    store.remove(SUBMISSIONS, _submission("a", 7))
    store.replace_all(ROUNDS, "games", [], 9)
    assert not store.put(SUBMISSIONS, _submission("a", 6))


def test_a_deletion_of_what_was_never_seen_is_no_news_but_remembered() -> None:
    store = Store()
    assert not store.remove(SUBMISSIONS, _submission("a", 7))
    assert not store.put(SUBMISSIONS, _submission("a", 6))


def test_an_object_of_the_same_name_is_another_object() -> None:
    store = Store()
    store.remove(SUBMISSIONS, _submission("a", 7))
    again = _submission("b", 8)
    again["metadata"]["name"] = "name-a"
    assert store.put(SUBMISSIONS, again)
    assert store.find(SUBMISSIONS, SPACE, "name-a") == again


def test_a_relist_drops_what_is_gone_and_tells_what_changed() -> None:
    store = Store()
    for uid in ("same", "changed", "gone"):
        store.put(SUBMISSIONS, _submission(uid, 5))
    listed = [_submission("same", 5), _submission("changed", 8), _submission("new", 9)]
    assert _uids(store.replace_all(SUBMISSIONS, SPACE, listed, 10)) == ["changed", "gone", "new"]
    assert _uids(list(store.all(SUBMISSIONS))) == ["changed", "new", "same"]


def test_a_relist_of_one_namespace_leaves_the_others() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 5, namespace="elsewhere"))
    assert store.replace_all(SUBMISSIONS, SPACE, [], 10) == []
    assert store.count(SUBMISSIONS) == 1


def test_what_is_newer_than_a_list_stays() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 15))
    assert store.replace_all(SUBMISSIONS, SPACE, [], 10) == []
    assert not store.replace_all(SUBMISSIONS, SPACE, [_submission("a", 9)], 10)
    assert store.get(SUBMISSIONS, "a") == _submission("a", 15)


def test_an_object_that_moves_leaves_its_old_group() -> None:
    store = Store()
    store.put(SUBMISSIONS, _submission("a", 5, "small"))
    store.put(SUBMISSIONS, _submission("a", 6, "large"))
    assert store.group(SUBMISSIONS, SPACE, "small") == []
    assert _uids(store.group(SUBMISSIONS, SPACE, "large")) == ["a"]


def test_an_object_without_what_it_should_belong_to_belongs_to_nothing() -> None:
    store = Store()
    metadata = {"uid": "a", "name": "a", "namespace": SPACE, "resourceVersion": "1"}
    assert store.put(SUBMISSIONS, {"metadata": dict(metadata), "spec": {"competition": ["hostile"]}})
    assert store.put(JOBS, {"metadata": {**metadata, "uid": "b"}})
    assert _uids(store.group(SUBMISSIONS, SPACE, "")) == ["a"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "remove"]),
            st.sampled_from("abc"),
            st.integers(1, 20),
            st.sampled_from(["small", "large"]),
        ),
        max_size=30,
    )
)
def test_groups_and_objects_never_disagree_and_nothing_is_left_behind(
    events: list[tuple[str, str, int, str]],
) -> None:
    store = Store()
    for kind, uid, version, competition in events:
        raw = _submission(uid, version, competition)
        _ = store.put(SUBMISSIONS, raw) if kind == "put" else store.remove(SUBMISSIONS, raw)
    grouped = [raw for key in ("small", "large") for raw in store.group(SUBMISSIONS, SPACE, key)]
    assert _uids(grouped) == _uids(list(store.all(SUBMISSIONS)))
    for raw in grouped:
        store.remove(SUBMISSIONS, raw)
    assert store._groups == {SUBMISSIONS: {}} or not grouped
    store.replace_all(SUBMISSIONS, SPACE, [], 100)
    assert store._deleted == {}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), max_size=9), st.randoms())
def test_the_order_of_events_does_not_matter(events: list[tuple[str, int]], random: Random) -> None:
    views = []
    for order in (events, random.sample(events, len(events))):
        store = Store()
        for uid, version in order:
            store.put(SUBMISSIONS, _submission(uid, version))
        views.append({raw["metadata"]["uid"]: raw for raw in store.all(SUBMISSIONS)})
    assert views[0] == views[1]

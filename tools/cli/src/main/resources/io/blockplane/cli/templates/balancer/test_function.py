from types import SimpleNamespace

import function


def rule(most_sessions=100):
    return function.AIOSv1PolicyRule("", {}, {"most_sessions": most_sessions})


def choose(policy, session, *instances):
    packet = SimpleNamespace(session_id=session, seq_no=1, data="{}")
    asked = {"mode": "load_balance", "packet": packet, "instances": list(instances)}
    return policy.eval({}, asked, None)["instance_id"]


def test_new_sessions_are_spread():
    policy = rule()
    assert [choose(policy, s, "a", "b") for s in "xyz"] == ["a", "b", "a"]


def test_a_session_stays_where_it_is():
    policy = rule()
    choose(policy, "x", "a", "b")
    choose(policy, "y", "a", "b")
    assert choose(policy, "x", "a", "b") == "a"


def test_a_session_moves_when_its_instance_is_gone():
    policy = rule()
    choose(policy, "x", "a")
    assert choose(policy, "x", "b") == "b"


def test_the_oldest_session_is_forgotten_at_the_limit():
    policy = rule(most_sessions=2)
    for session in "xyz":
        choose(policy, session, "a")
    assert list(policy.management("get_current_mapping", {})) == ["y", "z"]

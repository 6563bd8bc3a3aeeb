import function


def rule():
    return function.AIOSv1PolicyRule("", {"block_data": {"id": "b"}}, {"most_rounds": 2})


def look(policy, **health):
    return policy.eval({}, {"health_check_data": health, "instances": {}}, None)["failed"]


def test_says_so_after_too_many_rounds():
    policy = rule()
    assert [look(policy, a=False, b=True) for _ in range(4)] == [[], [], ["a"], []]


def test_a_healthy_round_counts_anew():
    policy = rule()
    look(policy, a=False)
    look(policy, a=True)
    assert policy.management("counts", {}) == {}

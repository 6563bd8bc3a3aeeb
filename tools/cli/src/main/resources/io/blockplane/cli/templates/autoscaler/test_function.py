import function

PARAMETERS = {"high": 4, "low": 1, "cooldown_seconds": 60}


def rule(*waiting):
    documents = [
        {"instanceId": f"in-{i}", "queue_length": {"average_1m": each}}
        for i, each in enumerate(waiting)
    ]
    settings = {"get_metrics": lambda: {"block_metrics": documents, "cluster_metrics": {}}}
    return function.AIOSv1PolicyRule("", settings, PARAMETERS)


def decide(policy, count):
    return policy.eval(PARAMETERS, {"current_instances": [f"in-{i}" for i in range(count)]}, None)


def test_many_waiting_tasks_bring_an_instance():
    assert decide(rule(9), 1) == {"skip": False, "operation": "upscale", "instances_count": 1}


def test_the_idlest_instance_goes():
    assert decide(rule(1, 0), 2)["instances_list"] == ["in-1"]


def test_the_last_instance_stays():
    assert decide(rule(0), 1)["skip"]


def test_a_change_is_followed_by_a_pause():
    policy = rule(9)
    decide(policy, 1)
    assert decide(policy, 1)["reason"] == "cooling down"


def test_thresholds_can_be_set():
    policy = rule(9)
    policy.management("set", {"high": 20})
    assert decide(policy, 1)["reason"] == "enough"

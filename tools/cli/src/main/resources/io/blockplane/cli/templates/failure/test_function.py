import function


def action(instance, kept):
    policy = function.AIOSv1PolicyRule("", {}, {"kept": kept})
    return policy.eval({}, {"instance_id": instance}, None)["action"]


def test_a_failed_instance_is_restarted():
    assert action("a", []) == "restart"


def test_some_are_kept():
    assert action("a", ["a"]) == "keep"

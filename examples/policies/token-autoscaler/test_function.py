"""Run with any Python 3, in this folder: python3 -m unittest"""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent / "code"))

import function


def measured(instance, tokens_in, tokens_out):
    return {
        "instanceId": instance,
        function.TOKENS_IN: {"average_1m": tokens_in, "average_5m": 0},
        function.TOKENS_OUT: {"average_1m": tokens_out, "average_5m": 0},
    }


class TokenAutoscalerTest(unittest.TestCase):
    def setUp(self):
        self.now = 1_000.0
        self.metrics = []
        clock = mock.patch("time.time", lambda: self.now)
        clock.start()
        self.addCleanup(clock.stop)

    def policy(self, **parameters):
        settings = {"get_metrics": lambda: {"block_metrics": self.metrics}}
        return function.AIOSv1PolicyRule("", settings, parameters)

    def decide(self, policy):
        current = [each["instanceId"] for each in self.metrics]
        return policy.eval({}, {"current_instances": current}, None)

    def test_many_tokens_bring_one_instance(self):
        self.metrics = [measured("a", 600, 200)]
        decision = self.decide(self.policy())
        self.assertEqual("upscale", decision["operation"])
        self.assertEqual(1, decision["instances_count"])

    def test_many_tokens_out_are_enough(self):
        self.metrics = [measured("a", 0, 301)]
        self.assertEqual("upscale", self.decide(self.policy())["operation"])

    def test_few_tokens_send_the_least_loaded_instance_away(self):
        self.metrics = [measured("a", 50, 20), measured("b", 40, 10)]
        decision = self.decide(self.policy())
        self.assertEqual("downscale", decision["operation"])
        self.assertEqual(["b"], decision["instances_list"])

    def test_in_between_nothing_happens(self):
        self.metrics = [measured("a", 200, 100)]
        self.assertEqual(
            {"skip": True, "reason": "No scaling action required."}, self.decide(self.policy())
        )

    def test_the_last_instance_stays(self):
        self.metrics = [measured("a", 0, 0)]
        self.assertTrue(self.decide(self.policy())["skip"])
        self.metrics = [measured("a", 0, 0), measured("b", 0, 0)]
        self.assertTrue(self.decide(self.policy(min_replicas=2))["skip"])

    def test_other_instances_do_not_count(self):
        self.metrics = [measured("a", 200, 100), measured("gone", 9_000, 9_000)]
        decision = self.policy().eval({}, {"current_instances": ["a"]}, None)
        self.assertTrue(decision["skip"])

    def test_after_an_action_comes_a_pause(self):
        self.metrics = [measured("a", 600, 200)]
        policy = self.policy(cooldown_seconds=120)
        self.assertFalse(self.decide(policy)["skip"])
        self.now += 120
        self.assertEqual("Cooldown active.", self.decide(policy)["reason"])
        self.now += 0.001
        self.assertFalse(self.decide(policy)["skip"])

    def test_the_pause_can_be_ended(self):
        self.metrics = [measured("a", 600, 200)]
        policy = self.policy()
        self.decide(policy)
        self.assertEqual("ok", policy.management("reset_cooldown", {})["status"])
        self.assertFalse(self.decide(policy)["skip"])

    def test_the_averaging_period_is_a_parameter(self):
        self.metrics = [measured("a", 600, 200), measured("b", 600, 200)]
        policy = self.policy(averaging_period="average_5m")
        self.assertEqual("downscale", self.decide(policy)["operation"])

    def test_without_instances_or_metrics_nothing_happens(self):
        self.assertTrue(self.decide(self.policy())["skip"])
        decision = self.policy().eval({}, {"current_instances": ["unmeasured"]}, None)
        self.assertTrue(decision["skip"])
        decision = function.AIOSv1PolicyRule("", {}, {}).eval({}, {}, None)
        self.assertTrue(decision["skip"])


if __name__ == "__main__":
    unittest.main()

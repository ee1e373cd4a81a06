"""Queue models as a user might write them."""


class PowerTwo:
    """The shipped ``power:2``, written by a user."""

    name = "my_power"
    exponent = 2.0

    def on_level(self, front, prev, new, traded):
        change = prev - new - traded
        if change <= 0.0:
            return min(front, new)
        back = prev - front
        f_back, f_front = back * back, front * front
        total = f_back + f_front
        behind = f_back / total if total > 0.0 else 1.0
        estimate = front - (1.0 - behind) * change + min(back - behind * change, 0.0)
        return max(min(estimate, new), 0.0)


class Steeper(PowerTwo):
    exponent = 3.0


class Reader(PowerTwo):
    name = "reader"
    word = "text"

    def on_level(self, front, prev, new, traded):
        return front + len(self.word)


class Nameless:
    def on_level(self, front, prev, new, traded):
        return front

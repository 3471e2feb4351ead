"""What a group's policy lets us say. Pure: from what was asked and what we would reply to whether we speak.

In private, in the terminal and as a guest there is no policy: who asks there, asked us.
"""

from bot.actions import Action, Ask, Latest, More, Settings, Since
from bot.settings import Policy
from bot.types import Incoming, Place, Quote, Reply

# What is answered from the updates; all else is our own pages and lines.
_ANSWERED = (Ask, More, Latest, Since)


def may_answer(action: Action, incoming: Incoming, policy: Policy) -> bool:
    """Tell whether a message that is for us may be answered in its chat, before anything is looked up.

    Commands only: neither replies to us nor mentions without a command. Off: nothing but the settings, which their
    own rule keeps to admins.
    """
    if incoming.place is not Place.GROUP or isinstance(action, Settings):
        return True
    match policy:
        case Policy.OFF:
            return False
        case Policy.COMMANDS:
            return incoming.command is not None
        case Policy.MENTIONS | Policy.CITED:
            return True


def may_send(action: Action, incoming: Incoming, policy: Policy, reply: Reply) -> bool:
    """Tell whether a reply that is ready may be sent: where only citing is wanted, an answer must quote something."""
    if incoming.place is not Place.GROUP or policy is not Policy.CITED or not isinstance(action, _ANSWERED):
        return True
    return any(isinstance(block, Quote) for block in reply.blocks)

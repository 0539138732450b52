"""What every store promises. A store's own test file only gives the two fixtures.

``store`` is an open, empty store; ``reopen`` closes it as a stopping program does and
gives it back opened anew.
"""

from tests.storage.contract_attending import AttentionPromises, ReviewPromises, WatchPromises
from tests.storage.contract_awards import AwardPromises
from tests.storage.contract_belonging import BelongingPromises
from tests.storage.contract_contention import ContentionPromises
from tests.storage.contract_copying import CopyingPromises
from tests.storage.contract_delivering import DeliveryPromises, PlacePromises
from tests.storage.contract_erasing import ErasingPromises
from tests.storage.contract_events import EventPromises
from tests.storage.contract_people import PeoplePromises
from tests.storage.contract_running import RunningPromises
from tests.storage.contract_telling import MessagePromises, NewsPromises, OwedPromises
from tests.storage.contract_transactions import TransactionPromises


class StoreContract(
    EventPromises,
    BelongingPromises,
    PeoplePromises,
    AwardPromises,
    NewsPromises,
    OwedPromises,
    MessagePromises,
    PlacePromises,
    DeliveryPromises,
    ReviewPromises,
    AttentionPromises,
    WatchPromises,
    RunningPromises,
    TransactionPromises,
    ContentionPromises,
    CopyingPromises,
    ErasingPromises,
):
    """All promises."""

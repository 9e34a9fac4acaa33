package labeler.domain;

import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import labeler.journal.FileHold;
import labeler.linux.Timestamp;

/**
 * The time of a look at a domain.
 *
 * @param isCurrent whether nobody has told of the domain's end since
 * @param isQuiet whether nothing has changed since
 * @param leaving what an earlier look has seen leaving, with the time at which each file was last touched; and nothing has
 *     changed since
 */
record Moment(BooleanSupplier isCurrent, BooleanSupplier isQuiet, Map<FileHold, Optional<Timestamp>> leaving) {
    Moment {
        leaving = Map.copyOf(leaving);
    }
}

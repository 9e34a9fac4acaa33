package labeler.guard.relay;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * The memory that clients of guarded monitors may fill, all together and those of one VM: with parts of commands, with
 * commands that wait, and with answers that they do not read. Beyond that, the client that has most is ended. For the
 * loop's thread alone.
 */
final class MemoryBudget {
    /** The service has a heap of 120 MB, most of it for what is on record. */
    static final long MOST_OF_ALL = 24 << 20;

    /** One client may have 4 MiB that it has not read. */
    static final long MOST_OF_ONE_VM = 12 << 20;

    /** The bytes of the object that a value is, and of its place in another. */
    private static final int VALUE_SIZE = 64;

    private final Set<Share> shares = new LinkedHashSet<>();
    private long all;

    /** The clients of one VM. */
    interface Clients {
        /** The memory that they have now. */
        long weight();

        /** Ends the one that has most; false if none would give anything back. */
        boolean endHeaviest();
    }

    /** The part of one VM. */
    final class Share {
        private final Clients clients;
        private long weight;

        private Share(Clients clients) {
            this.clients = clients;
        }

        /** Something has changed: over the budget, clients are ended. */
        void changed() {
            weigh();
            while (weight > MOST_OF_ONE_VM && endHeaviest()) {
                // The next one.
            }
            while (all > MOST_OF_ALL && heaviest().endHeaviest()) {
                // The next one.
            }
        }

        private boolean endHeaviest() {
            boolean isEnded = clients.endHeaviest();
            weigh();
            return isEnded;
        }

        private void weigh() {
            all -= weight;
            weight = clients.weight();
            all += weight;
            if (weight > 0) {
                shares.add(this);
            } else {
                shares.remove(this);
            }
        }

        private Share heaviest() {
            return shares.stream()
                    .max(Comparator.comparingLong(share -> share.weight))
                    .orElse(this);
        }
    }

    Share share(Clients clients) {
        return new Share(clients);
    }

    /** A value's memory, roughly: as it came and as the judge has it, both. Recursion ends at a command's depth. */
    static long weight(Json json) {
        long inner = switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.entrySet().stream()
                        .mapToLong(member -> member.getKey().length() + weight(member.getValue()))
                        .sum();
            case JsonArray array ->
                array.elements().stream().mapToLong(MemoryBudget::weight).sum();
            case JsonString(String text) -> 2L * text.length();
            case Json.JsonDecimal(String digits) -> 2L * digits.length();
            case Json.JsonInteger _, Json.JsonBoolean _, Json.JsonNull _ -> 0;
        };
        return inner + VALUE_SIZE;
    }
}

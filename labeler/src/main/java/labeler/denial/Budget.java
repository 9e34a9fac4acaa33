package labeler.denial;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import labeler.explain.Denial;
import labeler.vm.VmName;

/**
 * How many denials are told. A qemu provokes as many as it likes, each a line of a log that is bounded and has the decisions
 * in it. For one thread.
 */
final class Budget {
    /** In this time qemu tries the same again and again, and one line is enough. */
    static final Duration SILENCE = Duration.ofMinutes(10);

    /** The lines of one VM: enough for all that goes wrong at once, and then 1,440 a day. */
    static final int OF_VM = 30;

    static final Duration PERIOD_OF_VM = Duration.ofMinutes(1);

    /** The lines of all VMs, where each is denied the same: at most 14,400 a day, most of one to three kilobytes. */
    static final int OF_ALL = 200;

    static final Duration PERIOD_OF_ALL = Duration.ofSeconds(6);

    /** Each is a few hundred bytes, and with the longest names some four thousand: eight megabytes at the most. */
    private static final int MOST_KNOWN = 2_000;

    private final SequencedMap<Key, Repeats> known = new LinkedHashMap<>();
    private final Map<VmName, Purse> vms = new HashMap<>();
    private final Bucket all;

    Budget(Instant now) {
        this.all = new Bucket(OF_ALL, PERIOD_OF_ALL, now);
    }

    private record Key(VmName vm, Denial denial) {}

    /** Denials like one that was told. */
    private static final class Repeats {
        private final Instant end;
        private long count;

        Repeats(Instant end) {
            this.end = end;
        }
    }

    /** A VM's own. */
    private static final class Purse {
        private final Bucket bucket;
        private long untold;

        Purse(Bucket bucket) {
            this.bucket = bucket;
        }
    }

    /**
     * How many denials to tell of: these, and those like them that were not told. 0 if the same was told a short while ago,
     * or too many others were.
     */
    long take(VmName vm, Denial denial, long count, Instant now) {
        Key key = new Key(vm, denial);
        Optional<Repeats> before = Optional.ofNullable(known.get(key));
        if (before.isPresent() && now.isBefore(before.get().end)) {
            before.get().count += count;
            return 0;
        }
        Purse purse = vms.computeIfAbsent(vm, _ -> new Purse(new Bucket(OF_VM, PERIOD_OF_VM, now)));
        if (!take(purse, now)) {
            purse.untold += count;
            return 0;
        }
        known.putLast(key, new Repeats(now.plus(SILENCE)));
        if (known.size() > MOST_KNOWN) {
            known.pollFirstEntry();
        }
        return count + before.map(repeats -> repeats.count).orElse(0L);
    }

    /** @return whether there was a token of the VM and one of all */
    private boolean take(Purse purse, Instant now) {
        return purse.bucket.hasOne(now) && all.take(now) && purse.bucket.take(now);
    }

    /** The VMs with denials that were not told and may be now, with the number of those; they count as told. */
    Map<VmName, Long> untold(Instant now) {
        Map<VmName, Long> may = new HashMap<>();
        vms.forEach((vm, purse) -> {
            if (purse.untold > 0 && take(purse, now)) {
                may.put(vm, purse.untold);
                purse.untold = 0;
            }
        });
        vms.values().removeIf(purse -> purse.untold == 0 && purse.bucket.isWhole(now));
        return may;
    }

    /** When {@link #untold} has something next; empty if all was told. */
    Optional<Instant> next(Instant now) {
        return vms.values().stream()
                .filter(purse -> purse.untold > 0)
                .map(purse -> purse.bucket.next(now))
                .min(Instant::compareTo)
                .map(own -> own.isBefore(all.next(now)) ? all.next(now) : own);
    }
}

package labeler.registry.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import labeler.etcd.KeyRange;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.Answer;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.HostEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RebuildEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.ToldEntry;

/** A lost registry, or one from an older copy, that its hosts fill again. */
public final class EtcdRebuild {
    private final Questions questions;
    private final Entries entries;
    private final Keys keys;

    EtcdRebuild(Questions questions, Entries entries, Keys keys) {
        this.questions = questions;
        this.entries = entries;
        this.keys = keys;
    }

    /** The rebuild, with all that it waits for; empty if there is none. */
    public Answer<Optional<Rebuild>> state() {
        return questions.answer(deadline -> {
            Result read = read(deadline);
            Optional<RebuildEntry> entry = entries.read(RebuildEntry.class, keys.rebuild(), read);
            return entry.isPresent() ? Optional.of(state(entry.get(), read)) : Optional.empty();
        });
    }

    private Result read(Deadline deadline) throws RefusedException {
        return questions.read(
                List.of(new Transaction.Read(keys.rebuild()), new Transaction.ReadAll(KeyRange.below(keys.hosts()))),
                deadline);
    }

    private Rebuild state(RebuildEntry entry, Result read) throws RefusedException {
        Set<HostName> missing = new TreeSet<>();
        Set<HostName> uncleared = new TreeSet<>();
        Map<HostName, List<String>> conflicts = new TreeMap<>();
        for (HostName host : entry.hosts()) {
            Optional<ToldEntry> told = told(host, entry.id(), read);
            if (!hasNoMoreToTell(host, entry, read)) {
                missing.add(host);
                if (said(host, read).filter(one -> one.isClearedOf(entry.id())).isEmpty()) {
                    uncleared.add(host);
                }
            }
            told.filter(one -> !one.conflicts().isEmpty()).ifPresent(one -> conflicts.put(host, one.conflicts()));
        }
        return new Rebuild(entry.id(), missing, uncleared, conflicts);
    }

    /**
     * A rebuild without a host that has no more to tell: it has told, or was fenced. Its entries, which say so, go.
     *
     * @param read with the entries of the rebuild and of the host
     * @return empty if there is nothing to be changed
     */
    Optional<RebuildEntry> without(HostName host, Result read) throws RefusedException {
        Optional<RebuildEntry> entry = entries.read(RebuildEntry.class, keys.rebuild(), read)
                .filter(one -> one.hosts().contains(host));
        if (entry.isEmpty() || !hasNoMoreToTell(host, entry.get(), read)) {
            return Optional.empty();
        }
        Set<HostName> others = new TreeSet<>(entry.get().hosts());
        others.remove(host);
        return Optional.of(new RebuildEntry(entry.get().id(), others));
    }

    private boolean hasNoMoreToTell(HostName host, RebuildEntry rebuild, Result read) throws RefusedException {
        return told(host, rebuild.id(), read).isPresent() || isFenced(host, read);
    }

    private boolean isFenced(HostName host, Result read) throws RefusedException {
        return entries.read(HostEntry.class, keys.host(host), read)
                .filter(HostEntry::isFenced)
                .isPresent();
    }

    private Optional<ToldEntry> told(HostName host, ClaimId rebuild, Result read) throws RefusedException {
        return said(host, read).filter(one -> one.isAllOf(rebuild));
    }

    private Optional<ToldEntry> said(HostName host, Result read) throws RefusedException {
        return entries.read(ToldEntry.class, keys.told(host), read);
    }

    /**
     * This host takes part: as the first, it begins the rebuild. The host has joined.
     *
     * @param known all hosts that this one knew of
     * @param seen the last point at which this host saw the registry, which tells whether it was lost
     */
    public Answer<Rebuild> join(HostName host, Set<HostName> known, Optional<ClusterMemory.Point> seen) {
        return questions.answer(deadline -> {
            while (true) {
                Result read = read(deadline);
                ClusterMemory.Point now = new ClusterMemory.Point(read.cluster(), read.revision());
                boolean isLost = seen.filter(point -> point.isLostAt(now)).isPresent();
                Optional<RebuildEntry> there = entries.read(RebuildEntry.class, keys.rebuild(), read);
                boolean hasTold =
                        there.isPresent() && told(host, there.get().id(), read).isPresent();
                if (!isLost && (there.isEmpty() || hasTold)) {
                    return state(there.orElseThrow(() -> new RefusedException(new Refusal.NothingLost(host))), read);
                }
                // One that is over is of an earlier loss, and came back with the older copy.
                Optional<RebuildEntry> current = there.filter(_ -> !hasTold);
                Set<HostName> hosts = new TreeSet<>(known);
                hosts.add(host);
                current.ifPresent(one -> hosts.addAll(one.hosts()));
                RebuildEntry next =
                        new RebuildEntry(current.map(RebuildEntry::id).orElseGet(ClaimId::fresh), hosts);
                if (next.equals(there.orElse(null)) || write(next, read, deadline)) {
                    return state(next, read);
                }
            }
        });
    }

    /** @return false if another host was faster */
    private boolean write(RebuildEntry entry, Result read, Deadline deadline) throws RefusedException {
        Transaction transaction = new Transaction(
                List.of(Context.asRead(keys.rebuild(), read)),
                List.of(Transaction.Put.of(keys.rebuild(), entries.write(entry))),
                List.of());
        return questions.ask(transaction, deadline).isSucceeded();
    }

    /** A host that will not come back, and that did not join again: nobody waits for it any more. */
    public Optional<Refusal> leaveOut(HostName host) {
        return questions.refusal(deadline -> {
            while (true) {
                Result read = read(deadline);
                RebuildEntry entry = entries.read(RebuildEntry.class, keys.rebuild(), read)
                        .filter(one -> one.hosts().contains(host))
                        .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(host)));
                List<HostName> others = new ArrayList<>(entry.hosts());
                others.remove(host);
                if (write(new RebuildEntry(entry.id(), Set.copyOf(others)), read, deadline)) {
                    return;
                }
            }
        });
    }
}

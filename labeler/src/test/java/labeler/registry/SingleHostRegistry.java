package labeler.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * A registry of one host, which agrees with itself, without a network: for tests that need no etcd. It forgets with its service; the
 * journal, which does not, tells a recovery everything.
 */
public final class SingleHostRegistry implements Registry {
    private final HostName host;
    private final Map<VmName, Held> vms = new HashMap<>();
    private final Map<SharedFile, Entry> files = new HashMap<>();

    /** Pairs of VMs that have ended, which may still be on disk. */
    private final Set<CategoryPair> ended = new HashSet<>();

    /** Files that another host has, which has taken this one's place. */
    private final Map<SharedFile, HostName> taken = new HashMap<>();

    private boolean isSilent;

    public SingleHostRegistry(HostName host) {
        this.host = host;
    }

    /** Does not answer when it is told next that files have their labels again. */
    public synchronized void fallSilentOnce() {
        isSilent = true;
    }

    /** This host was fenced: another one has given the file back, and one of its VMs has it. */
    public synchronized void isTaken(SharedFile file, HostName by) {
        files.remove(file);
        taken.put(file, by);
    }

    /** @param left files that it has left; some of them may be settled since */
    private record Held(ClaimRequest request, CategoryPair pair, Set<SharedFile> files, Set<SharedFile> left) {}

    /** A file; nobody uses one that goes back. */
    private record Entry(
            ClaimId claim, boolean isRead, WantedFile wanted, Claim.JoinedFile labels, Set<VmName> users) {}

    @Override
    public synchronized Answer<Mine> mine() {
        List<Mine.HostedVm> hosted = vms.entrySet().stream()
                .map(vm -> new Mine.HostedVm(
                        vm.getKey(),
                        vm.getValue().request().uuid(),
                        vm.getValue().pair(),
                        "",
                        vm.getValue().files()))
                .toList();
        List<ToRestore> restoring = files.entrySet().stream()
                .filter(file -> file.getValue().users().isEmpty())
                .map(file -> toRestore(file.getKey(), file.getValue()))
                .toList();
        return new Answer.Given<>(new Mine(hosted, restoring));
    }

    private static ToRestore toRestore(SharedFile file, Entry entry) {
        Set<StoredLabel> ours = new HashSet<>(entry.labels().earlier());
        entry.labels().applied().ifPresent(ours::add);
        return new ToRestore(
                file, entry.claim(), entry.wanted().path(), entry.labels().original(), ours);
    }

    @Override
    public synchronized ClaimOutcome claim(ClaimRequest request) {
        Optional<Held> before = Optional.ofNullable(vms.get(request.vm()));
        boolean isKept = request.pair() instanceof PairChoice.Kept;
        if (isKept && before.isEmpty()) {
            return refused(new Refusal.NoSuchVm(request.vm()));
        }
        if (!isKept && before.isPresent()) {
            return refused(new Refusal.VmOnRecord(request.vm()));
        }
        return switch (pair(request, before)) {
            case Answer.Refused<CategoryPair>(Refusal refusal) -> refused(refusal);
            case Answer.Given<CategoryPair>(CategoryPair pair) ->
                request.files().stream()
                        .flatMap(wanted -> obstacle(request.vm(), wanted, pair).stream())
                        .findFirst()
                        .map(SingleHostRegistry::refused)
                        .orElseGet(() -> new ClaimOutcome.Claimed(claim(request, pair, before)));
        };
    }

    private static ClaimOutcome refused(Refusal refusal) {
        return new ClaimOutcome.NotClaimed(refusal, List.of());
    }

    private Answer<CategoryPair> pair(ClaimRequest request, Optional<Held> before) {
        return switch (request.pair()) {
            case PairChoice.Drawn drawn -> draw(drawn);
            case PairChoice.Given(CategoryPair given) ->
                isTaken(given) ? new Answer.Refused<>(new Refusal.PairTaken(given, host)) : new Answer.Given<>(given);
            case PairChoice.Kept() -> new Answer.Given<>(before.orElseThrow().pair());
            case PairChoice.Moving() -> new Answer.Refused<>(notMoving(request.vm()));
        };
    }

    private static Refusal notMoving(VmName vm) {
        return new Refusal.NotMoving(vm, "this host is in no cluster; run labeler cluster join on both hosts");
    }

    private Answer<CategoryPair> draw(PairChoice.Drawn drawn) {
        return Stream.generate(drawn.draws())
                .limit(PairChoice.MOST_DRAWS)
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .filter(pair -> !isTaken(pair))
                .findFirst()
                .<Answer<CategoryPair>>map(Answer.Given::new)
                .orElseGet(() -> new Answer.Refused<>(new Refusal.NoFreePair()));
    }

    private boolean isTaken(CategoryPair pair) {
        return ended.contains(pair)
                || vms.values().stream().anyMatch(vm -> vm.pair().equals(pair));
    }

    private Optional<Refusal> obstacle(VmName vm, WantedFile wanted, CategoryPair pair) {
        HostName other = taken.get(wanted.file());
        if (other != null) {
            return Optional.of(new Refusal.InUse(wanted.file(), wanted.path(), wanted.sharing(), Set.of(other)));
        }
        Entry entry = files.get(wanted.file());
        if (entry == null || entry.users().isEmpty() || entry.users().equals(Set.of(vm))) {
            return Optional.empty();
        }
        if (!entry.isRead()) {
            return Optional.of(new Refusal.Busy(wanted.file(), wanted.path(), host, "is claiming"));
        }
        Sharing sharing = entry.wanted().sharing();
        boolean isAlike = sharing == wanted.sharing()
                && sharing.allowsOthers()
                && entry.labels().applied().equals(wanted.label().apply(pair));
        return isAlike
                ? Optional.empty()
                : Optional.of(new Refusal.InUse(wanted.file(), wanted.path(), sharing, Set.of(host)));
    }

    private Claim claim(ClaimRequest request, CategoryPair pair, Optional<Held> before) {
        ClaimId id = ClaimId.fresh();
        Map<SharedFile, Claim.JoinedFile> joined = new LinkedHashMap<>();
        List<Claim.FreshFile> fresh = new ArrayList<>();
        Set<SharedFile> held = new HashSet<>(before.map(Held::files).orElse(Set.of()));
        for (WantedFile wanted : request.files()) {
            held.add(wanted.file());
            Optional<StoredLabel> label = wanted.label().apply(pair);
            Optional<Entry> entry = Optional.ofNullable(files.get(wanted.file()));
            if (entry.isEmpty()) {
                fresh.add(new Claim.FreshFile(wanted.file(), wanted.path(), wanted.sharing(), label));
                Claim.JoinedFile unread = new Claim.JoinedFile(Optional.empty(), label, Set.of());
                files.put(wanted.file(), new Entry(id, false, wanted, unread, Set.of(request.vm())));
            } else {
                Entry now = used(entry.get(), request.vm(), wanted, label, id);
                files.put(wanted.file(), now);
                joined.put(wanted.file(), now.labels());
            }
        }
        Set<SharedFile> left = new HashSet<>(before.map(Held::left).orElse(Set.of()));
        left.removeAll(held);
        vms.put(request.vm(), new Held(request, pair, held, left));
        return new Claim(id, request.vm(), pair, joined, fresh);
    }

    private static Entry used(Entry entry, VmName vm, WantedFile wanted, Optional<StoredLabel> label, ClaimId id) {
        Set<VmName> users = new HashSet<>(entry.users());
        users.add(vm);
        Set<StoredLabel> earlier = new HashSet<>(entry.labels().earlier());
        if (!entry.labels().applied().equals(label)) {
            entry.labels().applied().ifPresent(earlier::add);
        }
        return new Entry(id, true, wanted, new Claim.JoinedFile(entry.labels().original(), label, earlier), users);
    }

    @Override
    public synchronized Optional<Refusal> originals(Claim claim, Map<SharedFile, Optional<StoredLabel>> read) {
        for (Claim.FreshFile file : claim.fresh()) {
            Entry entry = files.get(file.file());
            if (entry == null || !entry.claim().equals(claim.id())) {
                return Optional.of(new Refusal.Outdated("nobody holds " + file.path() + " any more"));
            }
            Claim.JoinedFile labels =
                    new Claim.JoinedFile(read.getOrDefault(file.file(), Optional.empty()), file.applied(), Set.of());
            files.put(file.file(), new Entry(claim.id(), true, entry.wanted(), labels, entry.users()));
        }
        return Optional.empty();
    }

    @Override
    public synchronized Answer<List<ToRestore>> leave(VmName vm, Collection<SharedFile> left) {
        List<ToRestore> restore = new ArrayList<>();
        Set<SharedFile> before =
                Optional.ofNullable(vms.get(vm)).map(Held::left).orElse(Set.of());
        for (SharedFile file : left.stream().sorted().toList()) {
            Entry entry = files.get(file);
            if (entry != null && entry.users().contains(vm)) {
                leave(vm, file, entry).ifPresent(restore::add);
            } else if (entry != null && before.contains(file) && entry.users().isEmpty()) {
                restore.add(toRestore(file, entry));
            }
        }
        vms.computeIfPresent(vm, (_, held) -> {
            Set<SharedFile> kept = new HashSet<>(held.files());
            kept.removeAll(left);
            Set<SharedFile> gone = new HashSet<>(held.left());
            gone.addAll(left);
            return new Held(held.request(), held.pair(), kept, gone);
        });
        return new Answer.Given<>(restore);
    }

    private Optional<ToRestore> leave(VmName vm, SharedFile file, Entry entry) {
        Set<VmName> users = new HashSet<>(entry.users());
        users.remove(vm);
        if (users.isEmpty() && !entry.isRead()) {
            files.remove(file);
            return Optional.empty();
        }
        ClaimId turn = users.isEmpty() ? ClaimId.fresh() : entry.claim();
        Entry now = new Entry(turn, entry.isRead(), entry.wanted(), entry.labels(), users);
        files.put(file, now);
        return users.isEmpty() ? Optional.of(toRestore(file, now)) : Optional.empty();
    }

    @Override
    public synchronized Optional<Refusal> restored(Collection<ToRestore> restored) {
        if (isSilent) {
            isSilent = false;
            return Optional.of(new Refusal.Unreachable("a test"));
        }
        for (ToRestore one : restored) {
            files.computeIfPresent(
                    one.file(),
                    (_, entry) -> entry.users().isEmpty() && entry.claim().equals(one.turn()) ? null : entry);
        }
        return Optional.empty();
    }

    @Override
    public synchronized Optional<Refusal> end(VmName vm) {
        Held held = vms.get(vm);
        if (held == null) {
            return Optional.empty();
        }
        if (!held.files().isEmpty()) {
            return Optional.of(
                    new Refusal.StillHolds(vm, held.files().iterator().next()));
        }
        vms.remove(vm);
        ended.add(held.pair());
        return Optional.empty();
    }

    /** There is no other host. */
    @Override
    public Answer<List<ToRestore>> takeOver(HostName fenced, Set<StorageName> storages) {
        return new Answer.Refused<>(new Refusal.NotFenced(fenced));
    }

    @Override
    public synchronized Answer<List<ToRestore>> settle(Set<CategoryPair> carried) {
        ended.removeIf(pair -> !carried.contains(pair)
                && files.values().stream().noneMatch(entry -> entry.labels().carries(pair)));
        return new Answer.Given<>(List.of());
    }

    /** There is no other host. */
    @Override
    public Answer<Map<SharedFile, Set<HostName>>> otherHolders() {
        return new Answer.Given<>(Map.of());
    }

    @Override
    public Answer<Whereabouts> whereabouts(ClaimRequest request) {
        return new Answer.Refused<>(notMoving(request.vm()));
    }

    @Override
    public synchronized Answer<Standing> standing(SharedFile file) {
        Entry entry = files.get(file);
        if (entry == null) {
            HostName other = taken.get(file);
            return new Answer.Given<>(new Standing.Nothing(other == null ? Set.of() : Set.of(other)));
        }
        return new Answer.Given<>(
                entry.users().isEmpty() ? new Standing.GivesBack(entry.claim()) : new Standing.Held());
    }

    @Override
    public Answer<Set<HostName>> otherUsers(SharedFile file, CategoryPair pair) {
        return new Answer.Given<>(Set.of());
    }
}

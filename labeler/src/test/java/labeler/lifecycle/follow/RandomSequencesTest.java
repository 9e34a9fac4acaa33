package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import labeler.chain.Access;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.CutJournal;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operations of chance by three VMs on four files: after each, every label is what the model says. */
class RandomSequencesTest {
    /** The long form: {@code -Dlabeler.label-sequences=200}. */
    private static final int SEQUENCES = Integer.getInteger("labeler.label-sequences", 50);

    private static final int OPERATIONS = 12;
    private static final List<String> VMS = List.of("one", "two", "three");
    private static final List<String> FILES = List.of("a", "b", "c", "d");

    /** The property repeats a run: {@code -Dlabeler.seed=…}. */
    private final long seed = Long.getLong("labeler.seed", System.nanoTime());

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    private final Map<String, String> imageContexts = new HashMap<>();
    private final List<String> done = new ArrayList<>();
    private LabelModel model = new LabelModel();
    private long lastNumber;

    @TempDir
    Path root;

    @Test
    void every_label_is_a_function_of_the_holds() throws IOException {
        System.out.println("seed of " + getClass().getSimpleName() + ": " + seed);
        try (FollowedHost host = new FollowedHost(root)) {
            for (String file : FILES) {
                host.raw(file);
            }
            VMS.forEach(vm -> imageContexts.put(vm, host.start(vm)));
            for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                done.clear();
                for (int operation = 0; operation < OPERATIONS; operation++) {
                    operate(host);
                    check(host);
                }
                VMS.forEach(vm -> host.settle(vm, _ -> List.of()));
                done.add("all let go");
                model = new LabelModel();
                check(host);
            }
        }
    }

    private void operate(FollowedHost host) throws IOException {
        String vm = VMS.get(random.nextInt(VMS.size()));
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> take(host, vm);
            case 5, 6 -> settle(host, vm, false);
            case 7, 8 -> settle(host, vm, true);
            default -> killedOnce(host, vm);
        }
    }

    private void take(FollowedHost host, String vm) {
        List<LabelModel.Held> wanted = new ArrayList<>();
        List<DeclaredUse> uses = new ArrayList<>();
        long number = ++lastNumber;
        for (String file : FILES) {
            if (random.nextInt(3) == 0) {
                boolean writing = random.nextBoolean();
                wanted.add(new LabelModel.Held(vm, file, writing, number));
                uses.add(host.raw(file, writing ? Access.READ_WRITE : Access.READ_ONLY));
            }
        }
        boolean isRefused = wanted.stream().anyMatch(hold -> model.isInTheWay(vm, hold.file(), hold.writing()));
        done.add((isRefused ? "refused " : "taken ") + wanted);
        switch (host.tryTake(vm, new HoldTrigger.Command(number), uses.toArray(DeclaredUse[]::new))) {
            case TakeOutcome.Unfit() -> throw new AssertionError("unfit");
            case TakeOutcome.Taken _ -> {
                assertThat(isRefused).as(this::words).isFalse();
                wanted.forEach(model::add);
            }
            case TakeOutcome.Refused(List<Problem> problems) -> {
                assertThat(isRefused).as(() -> problems + " " + words()).isTrue();
                assertThat(problems).extracting(Problem::kind).containsOnly(Problem.Kind.IN_USE);
            }
        }
    }

    /** One of the VM's holds ends, or is narrowed. */
    private void settle(FollowedHost host, String vm, boolean narrow) {
        List<LabelModel.Held> all = model.of(vm);
        if (all.isEmpty()) {
            return;
        }
        LabelModel.Held one = all.get(random.nextInt(all.size()));
        done.add((narrow ? "narrowed " : "ended ") + one);
        host.settle(
                vm,
                holds -> holds.stream()
                        .filter(hold -> narrow || !isHold(host, hold, one))
                        .map(hold -> isHold(host, hold, one) ? hold.reading() : hold)
                        .toList());
        if (narrow) {
            model.narrow(one);
        } else {
            model.remove(one);
        }
    }

    private static boolean isHold(FollowedHost host, FileHold hold, LabelModel.Held one) {
        return hold.path().equals(host.hostPath(one.file()))
                && hold.trigger().equals(new HoldTrigger.Command(one.number()));
    }

    /** The service is killed during a command; the journal says what came of it, and the next service does the rest. */
    private void killedOnce(FollowedHost host, String vm) throws IOException {
        if (random.nextBoolean()) {
            host.journal().killBefore(1);
        } else {
            host.journal().killAfter(1);
        }
        LabelModel before = model;
        model = copy(before);
        try {
            if (random.nextBoolean()) {
                take(host, vm);
            } else {
                settle(host, vm, random.nextBoolean());
            }
        } catch (CutJournal.Killed e) {
            done.add("killed");
        }
        host.restart();
        model = recorded(host);
        VMS.forEach(each -> host.settle(each, holds -> holds));
        host.lifecycle().recover(false, false);
    }

    private static LabelModel copy(LabelModel model) {
        LabelModel copy = new LabelModel();
        model.holds().forEach(copy::add);
        return copy;
    }

    private static LabelModel recorded(FollowedHost host) {
        LabelModel recorded = new LabelModel();
        for (String vm : VMS) {
            for (FileHold hold : host.files().vm(new VmName(vm)).orElseThrow().files()) {
                if (hold.trigger() instanceof HoldTrigger.Command command) {
                    String name = hold.path().toString();
                    recorded.add(new LabelModel.Held(
                            vm, name.substring(name.lastIndexOf('/') + 1), hold.isWriting(), command.number()));
                }
            }
        }
        return recorded;
    }

    private void check(FollowedHost host) {
        for (String file : FILES) {
            assertThat(host.label(file))
                    .as(() -> file + " " + words())
                    .isEqualTo(model.label(file, imageContexts, FollowedHost.CONTENT, FollowedHost.HOME));
        }
        assertThat(recorded(host).holds()).as(this::words).containsExactlyInAnyOrderElementsOf(model.holds());
    }

    private String words() {
        return "seed " + seed + ", after " + done;
    }
}

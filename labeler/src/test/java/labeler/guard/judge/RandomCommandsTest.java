package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands by chance to two or three real qemus with one base, through the real judge: after each, labels and holds are
 * what a second model says, which looks at qemu and the kernel. Now and then a qemu or the service is killed.
 */
class RandomCommandsTest {
    /** More take longer: {@code -Dlabeler.sequences=1000}. */
    private static final int SEQUENCES = Integer.getInteger("labeler.sequences", 3);

    private static final int TOLD_EACH = 25;
    private static final int OPERATIONS = 14;
    private static final List<String> VMS = List.of("one", "two", "three");

    /** Sequence n has seed + n: the property repeats one, {@code -Dlabeler.seed=… -Dlabeler.sequences=1}. */
    private final long seed = Long.getLong("labeler.seed", System.nanoTime());

    private final Map<String, Integer> results = new TreeMap<>();
    private final List<String> told = new ArrayList<>();
    private final List<RandomVm> vms = new ArrayList<>();
    private RandomGenerator random = RandomGenerator.getDefault();
    private KillableService service;

    @TempDir
    Path root;

    @SuppressWarnings("NullAway.Init") // set for each sequence
    RandomCommandsTest() {}

    @Test
    void labels_and_holds_follow_what_each_qemu_has() throws IOException {
        System.out.println("seed of " + getClass().getSimpleName() + ": " + seed);
        Path place = root.resolve("host");
        template(place);
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + sequence);
            told.clear();
            copy(root.resolve("template"), place.resolve("images"));
            sequence(place, seed + sequence);
            remove(place);
            if (sequence % TOLD_EACH == TOLD_EACH - 1) {
                System.out.println((sequence + 1) + " sequences: " + results);
            }
        }
        System.out.println(SEQUENCES + " sequences: " + results);
        assertThat(results.getOrDefault("done", 0)).isGreaterThan(SEQUENCES);
    }

    /** The images of all VMs, made once: their headers name the place where each sequence has them. */
    private void template(Path place) throws IOException {
        try (FollowedHost host = new FollowedHost(place)) {
            JudgedQemu.make(host, "base", "");
            for (String vm : VMS) {
                RandomVm.make(host, vm);
                Files.writeString(host.path(vm + "-key"), "0123456789abcdef");
                RuleBed.qemuImg(
                        "create",
                        "-u",
                        "-q",
                        "-f",
                        "qcow2",
                        "-b",
                        outside(),
                        "-F",
                        "raw",
                        host.path(vm + "-evil"),
                        "4M");
            }
            Files.write(host.path("disc1"), new byte[1 << 20]);
            Files.write(host.path("disc2"), new byte[1 << 20]);
        }
        Files.write(outside(), new byte[1 << 20]);
        copy(place.resolve("images"), root.resolve("template"));
        remove(place);
    }

    private Path outside() {
        return root.resolve("outside");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void remove(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void sequence(Path place, long itsSeed) throws IOException {
        try (FollowedHost host = new FollowedHost(place);
                VmDevices _ = new VmDevices(host, place.resolve("devices"), VMS)) {
            service = new KillableService(host, vms);
            Set<Path> before = new HashSet<>(service.model().labels().keySet());
            for (Path file : before) {
                host.setLabel(file.getFileName().toString(), FollowedHost.HOME);
            }
            try {
                String lower = random.nextInt(5) == 0 ? "\"read-only\":true" : "\"auto-read-only\":true";
                for (String name : VMS.subList(0, 2 + random.nextInt(2))) {
                    vms.add(new RandomVm(host, Files.createDirectory(place.resolve(name)), name, lower));
                }
                service.check();
                operations(host);
                service.end(before);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + itsSeed + ", after\n" + String.join("\n", told), e);
            } finally {
                for (RandomVm vm : vms) {
                    vm.close();
                }
                vms.clear();
            }
        }
    }

    private void operations(FollowedHost host) throws IOException {
        RandomOperations operations = new RandomOperations(random, host.path("").normalize());
        SenselessCommands senseless =
                new SenselessCommands(random, host.path("").normalize(), outside());
        for (int i = 0; i < OPERATIONS; i++) {
            List<RandomVm> alive = vms.stream().filter(vm -> !vm.isGone()).toList();
            if (alive.isEmpty()) {
                return;
            }
            RandomVm vm = alive.get(random.nextInt(alive.size()));
            switch (random.nextInt(40)) {
                case 0 -> {
                    told.add(vm.name() + ": qemu is killed");
                    vm.kill();
                    service.check();
                }
                case 1 -> serviceEnds(Optional.empty());
                case 2, 3 -> {
                    List<Step> steps = operations.next(vm.book(), vm.facts());
                    serviceEnds(steps.stream()
                            .findFirst()
                            // Its nodes would stay inactive.
                            .filter(step -> !step.command().contains("'migrate'"))
                            .map(step -> new Sent(vm, step)));
                }
                case 4, 5, 6, 7, 8, 9 -> run(vm, senseless.next(vm.book(), vm.facts(), foreign(vm)));
                default -> {
                    for (Step step : operations.next(vm.book(), vm.facts())) {
                        run(vm, step);
                    }
                }
            }
        }
    }

    /** Files that other VMs write. */
    private List<Path> foreign(RandomVm vm) throws IOException {
        List<Path> foreign = new ArrayList<>();
        for (RandomVm other : vms) {
            if (other != vm) {
                other.facts().open().forEach((file, writes) -> {
                    if (writes && file.startsWith(root)) {
                        foreign.add(file);
                    }
                });
            }
        }
        return foreign.stream().sorted().toList();
    }

    private record Sent(RandomVm vm, Step step) {}

    private void run(RandomVm vm, Step step) throws IOException {
        if (step.job().isPresent()) {
            vm.await(step.job().get());
        }
        told.add(vm.name() + ": " + step.command());
        note(vm, step, vm.ask(step.command()));
        service.check();
    }

    private void note(RandomVm vm, Step step, JsonObject answer) {
        Optional<Json> error = answer.get("error");
        boolean isRefused =
                error.filter(text -> text.toString().contains("labeler ")).isPresent();
        told.add("    " + error.map(Object::toString).orElse("done"));
        assertThat(!step.isSenseless() || isRefused).as("%s: %s", step, answer).isTrue();
        String result = error.isEmpty() ? "done" : isRefused ? "refused" : "failed in qemu";
        results.merge(step.isSenseless() ? "senseless" : result, 1, Integer::sum);
        if (error.isEmpty()) {
            step.done().accept(vm.book());
        }
    }

    /** The service is killed, in the middle of a command if there is one, and another takes its place. */
    private void serviceEnds(Optional<Sent> during) throws IOException {
        told.add("the service is killed");
        if (during.isPresent()) {
            RandomVm vm = during.get().vm();
            Step step = during.get().step();
            service.killAt(1 + random.nextInt(3), random.nextBoolean());
            told.add(vm.name() + ": " + step.command());
            Optional<JsonObject> answer = service.ask(vm, step.command());
            if (answer.isPresent()) {
                note(vm, step, answer.get());
            } else {
                // Nobody knows whether qemu has done it.
                step.done().accept(vm.book());
            }
        }
        service.restart();
        results.merge("service killed", 1, Integer::sum);
        service.check();
    }
}

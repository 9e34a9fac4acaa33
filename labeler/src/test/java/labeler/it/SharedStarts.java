package labeler.it;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import labeler.etcd.EtcdMembers;
import labeler.registry.etcd.EtcdAdministration;
import org.apache.commons.io.file.PathUtils;

/**
 * {@code ./dev bench cluster}: a VM whose files are on a storage of the cluster, beside one whose files its host has alone. One
 * real service, three real members of etcd that sync as members do, and two file systems of one kind on one disk.
 */
final class SharedStarts {
    private static final String HOST = ClusterFixture.ALPHA;

    /** That many pairs a host takes in advance. Until it has them, it is busy with that. */
    private static final int RESERVE = 256;

    /** How often the quorum is lost. */
    private static final int BLOCKS = 5;

    private static final long ROOM = 256L << 20;

    private final ServiceFixture service;
    private final List<String> local;
    private final List<String> shared;

    private SharedStarts(ServiceFixture service, List<String> local, List<String> shared) {
        this.service = service;
        this.local = local;
        this.shared = shared;
    }

    /**
     * Prints a line for each measurement: its name, and median, 99th percentile and highest in microseconds, or kilobytes.
     *
     * @param arguments rounds to get warm, rounds that count, and VMs for the memory
     */
    public static void main(String... arguments) throws Exception {
        int warm = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        int vms = Integer.parseInt(arguments[2]);
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "ss");
        try (Mounted pool = Mounted.ext4(directory.resolve("pool"), ROOM);
                Mounted own = Mounted.ext4(directory.resolve("own"), ROOM);
                EtcdMembers members = EtcdMembers.start(List.of())) {
            try (EtcdAdministration administration = EtcdAdministration.of(members.settings(0))) {
                ClusterFixture.join(administration, pool.directory(), HOST);
            }
            measure(directory, List.of(own, pool), members, warm, rounds);
            memory("alone", Files.createDirectories(directory.resolve("alone")), own, vms, List.of());
            // The same host again: it goes on with the state that its first service has left.
            memory("clustered", directory.resolve(HOST), pool, vms, members.endpoints());
        } finally {
            PathUtils.deleteDirectory(directory);
        }
    }

    private static void measure(Path directory, List<Mounted> storages, EtcdMembers members, int warm, int rounds)
            throws Exception {
        try (ServiceFixture service = joined(Files.createDirectories(directory.resolve(HOST)), members.endpoints())) {
            SharedStarts starts = new SharedStarts(service, vm(storages.getFirst()), vm(storages.getLast()));
            starts.pairs(warm);
            starts.pairs(rounds).print();
            starts.withoutQuorum(members, rounds);
        }
    }

    /** A service as on a host, which has joined and is at rest. */
    private static ServiceFixture joined(Path directory, List<URI> endpoints) throws IOException {
        ServiceFixture service = new ServiceFixture(directory);
        if (!endpoints.isEmpty()) {
            service.configure("""
                    [service]
                    state-directory = "%s"
                    [cluster]
                    endpoints = [%s]
                    host = "%s"
                    """.formatted(
                            service.state(),
                            endpoints.stream().map(one -> "\"" + one + "\"").collect(Collectors.joining(", ")),
                            HOST));
        }
        service.startAsOnAHost();
        if (!endpoints.isEmpty()) {
            ClusterFixture.awaitReserve(service, RESERVE);
        }
        return service;
    }

    /** A disk with a base below it. */
    private static List<String> vm(Mounted place) throws IOException {
        Images images = Images.in(place.directory().resolve("images"));
        Path base = images.labelledRaw("base");
        return Images.qemuWithOverlay(images.overlay("disk", base));
    }

    /** The times of some rounds, in microseconds. */
    private static final class Rounds {
        private final long[] localStart;
        private final long[] localStop;
        private final long[] sharedStart;
        private final long[] sharedStop;

        Rounds(int count) {
            localStart = new long[count];
            localStop = new long[count];
            sharedStart = new long[count];
            sharedStop = new long[count];
        }

        void print() {
            series("local-start", localStart);
            series("local-stop", localStop);
            series("shared-start", sharedStart);
            series("shared-stop", sharedStop);
            series("added-start", added(sharedStart, localStart));
            series("added-stop", added(sharedStop, localStop));
        }

        private static long[] added(long[] all, long[] less) {
            long[] added = new long[all.length];
            Arrays.setAll(added, round -> all[round] - less[round]);
            return added;
        }
    }

    private static void series(String name, long[] taken) {
        long[] sorted = taken.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "%s\t%d\t%d\t%d%n",
                name, sorted[sorted.length / 2], sorted[sorted.length * 99 / 100], sorted[sorted.length - 1]);
    }

    /** In turn, so that other work of the machine meets both; each goes first as often as the other. */
    private Rounds pairs(int count) throws IOException {
        Rounds rounds = new Rounds(count);
        for (int round = 0; round < count; round++) {
            if (round % 2 == 0) {
                once("local", local, round, rounds.localStart, rounds.localStop);
            }
            once("shared", shared, round, rounds.sharedStart, rounds.sharedStop);
            if (round % 2 != 0) {
                once("local", local, round, rounds.localStart, rounds.localStop);
            }
        }
        return rounds;
    }

    private void once(String vm, List<String> qemu, int round, long[] starts, long[] stops) throws IOException {
        long begin = System.nanoTime();
        service.start(vm, qemu).ok();
        long started = System.nanoTime();
        service.stop(vm).ok();
        starts[round] = (started - begin) / 1000;
        stops[round] = (System.nanoTime() - started) / 1000;
    }

    /** Local VMs, with a quorum and without one in turn, so that other work of the machine meets both. */
    private void withoutQuorum(EtcdMembers members, int count) throws IOException {
        Rounds kept = new Rounds(count);
        Rounds lost = new Rounds(count);
        Rounds first = new Rounds(BLOCKS);
        for (int block = 0; block < BLOCKS; block++) {
            int begin = block * count / BLOCKS;
            int end = (block + 1) * count / BLOCKS;
            locals(kept, begin, end);
            members.kill(1);
            members.kill(2);
            locals(first, block, block + 1);
            refused();
            locals(lost, begin, end);
            members.run(1);
            members.run(2);
            eventually(
                    "the registry answers again",
                    () -> service.start("after", shared).status() == 200);
            service.stop("after").ok();
        }
        series("kept-start", kept.localStart);
        series("kept-stop", kept.localStop);
        series("lost-first", first.localStart);
        series("lost-start", lost.localStart);
        series("lost-stop", lost.localStop);
    }

    private void locals(Rounds rounds, int begin, int end) throws IOException {
        for (int round = begin; round < end; round++) {
            once("local", local, round, rounds.localStart, rounds.localStop);
        }
    }

    /** After that the service knows that the registry is silent. */
    private void refused() throws IOException {
        int status = service.start("shared", shared).status();
        if (status != TwoHosts.NO_REGISTRY) {
            throw new IOException("a start without a quorum was answered with " + status);
        }
    }

    /** What many VMs with a disk each take, of a service that has just begun. */
    private static void memory(String name, Path directory, Mounted place, int vms, List<URI> endpoints)
            throws IOException {
        Images images = Images.in(place.directory().resolve("many"));
        List<Path> disks = new ArrayList<>();
        for (int number = 0; number < vms; number++) {
            disks.add(images.raw("disk" + number));
        }
        try (ServiceFixture service = joined(directory, endpoints)) {
            long begun = service.residentKilobytes();
            for (int number = 0; number < vms; number++) {
                service.start("vm" + number, Images.qemuWithRaw(disks.get(number)))
                        .ok();
            }
            service.get("/v1/vms").ok();
            System.out.printf("memory-%s\t%d\t%d%n", name, begun, service.residentKilobytes());
            for (int number = 0; number < vms; number++) {
                service.stop("vm" + number).ok();
            }
        }
    }
}

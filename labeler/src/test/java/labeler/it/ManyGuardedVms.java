package labeler.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import org.apache.commons.io.file.PathUtils;

/** {@code ./dev bench guard}: many VMs behind the guards of one service, each with a client of its own. */
final class ManyGuardedVms {
    private static final int AT_ONCE = 4;

    /** Of each VM. */
    private static final int COMMANDS = 20;

    private ManyGuardedVms() {}

    /**
     * Prints a line for each measurement: its name, and numbers in microseconds or kilobytes.
     *
     * @param arguments the number of VMs
     */
    public static void main(String... arguments) throws IOException {
        int count = Integer.parseInt(arguments[0]);
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "gv");
        List<Qemu> running = new ArrayList<>();
        try (ServiceFixture service = ServiceFixture.startedAsOnAHost(directory)) {
            Images images = Images.in(directory.resolve("images"));
            Path base = images.labelledRaw("base");
            List<Path> disks = IntStream.range(0, count)
                    .mapToObj(number -> overlay(images, number, base))
                    .toList();
            SortedMap<String, SortedMap<String, String>> before = Attributes.of(images.directory());
            long alone = service.residentKilobytes();
            for (int number = 0; number < count; number++) {
                running.add(Qemu.start(service.running(
                        "vm" + number,
                        Images.qemu(
                                "-blockdev",
                                "driver=qcow2,node-name=disk,file.driver=file,file.filename=" + disks.get(number)))));
                if (number % AT_ONCE == AT_ONCE - 1) {
                    monitor(service, number).await();
                }
            }
            IntStream.range(0, count).forEach(number -> monitor(service, number).await());
            measure(service, count);
            System.out.printf("resident\t%d\t%d%n", alone, service.residentKilobytes());
            for (Qemu qemu : running) {
                qemu.kill();
            }
            for (int number = 0; number < count; number++) {
                service.awaitGone("vm" + number);
            }
            System.out.printf("ended\t%d%n", service.residentKilobytes());
            if (!Attributes.of(images.directory()).equals(before)) {
                throw new IOException("a label is not as it was before");
            }
        } finally {
            running.forEach(Qemu::close);
            PathUtils.deleteDirectory(directory);
        }
    }

    private static Path overlay(Images images, int number, Path base) {
        try {
            return images.overlay("disk" + number, base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Monitor monitor(ServiceFixture service, int number) {
        return new Monitor(
                service.runDirectory().resolve("vms").resolve("vm" + number).resolve("qmp.sock"));
    }

    /** All clients stay connected, and ask in turn. */
    private static void measure(ServiceFixture service, int count) throws IOException {
        long[] taken = new long[count * COMMANDS];
        List<QmpClient> clients = new ArrayList<>();
        try {
            for (int number = 0; number < count; number++) {
                clients.add(new QmpClient(monitor(service, number).socket()).negotiated());
            }
            for (int i = 0; i < taken.length; i++) {
                long begin = System.nanoTime();
                clients.get(i % count).done("{\"execute\":\"query-name\"}");
                taken[i] = (System.nanoTime() - begin) / 1_000;
            }
        } finally {
            for (QmpClient client : clients) {
                client.close();
            }
        }
        Arrays.sort(taken);
        System.out.printf("asked\t%d\t%d%n", taken[taken.length / 2], taken[taken.length * 99 / 100]);
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(service.pid()), "fd"))) {
            System.out.printf("descriptors\t%d%n", descriptors.count());
        }
    }
}

package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import labeler.chain.ImageFormat;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many starts and stops at once, of VMs that want the same names, disks and bases. */
class ClaimsTest {
    private static final int THREADS = 16;
    private static final int ROUNDS = 60;
    private static final int DISKS = 6;

    @TempDir
    Path temporary;

    @Test
    void one_writer_holds_a_disk_and_every_original_comes_back() throws Exception {
        try (TestHost host = new TestHost(temporary);
                ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            host.raw("/vm/base");
            host.kernel.setLabel("/vm/base", TestHost.HOME);
            for (int i = 0; i < DISKS; i++) {
                host.overlay("/vm/disk" + i, "base", "raw");
            }
            Map<String, String> writers = new ConcurrentHashMap<>();
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(thread);
                all.add(executor.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        startAndStop(host, random, writers);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }

            assertThat(host.lifecycle().names()).isEmpty();
            assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
            for (int i = 0; i < DISKS; i++) {
                assertThat(host.label("/vm/disk" + i)).isEqualTo("none");
            }
        }
    }

    private static void startAndStop(TestHost host, Random random, Map<String, String> writers) {
        String name = "vm" + random.nextInt(THREADS);
        String disk = "/vm/disk" + random.nextInt(DISKS);
        String other = "/vm/disk" + random.nextInt(DISKS);
        TestVm definition = host.vm(name).disk(disk, ImageFormat.QCOW2);
        if (!other.equals(disk)) {
            definition.disk(other, ImageFormat.QCOW2);
        }
        if (definition.tryStart() instanceof StartOutcome.Started(VmView vm)) {
            for (String one : List.of(disk, other)) {
                String before = writers.putIfAbsent(one, name);
                assertThat(before == null || before.equals(name))
                        .as("%s has %s, and so has %s", before, one, name)
                        .isTrue();
                assertThat(host.label(one)).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
            }
            assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
            writers.values().removeIf(name::equals);
            assertThat(host.lifecycle().stop(new VmName(name), Optional.empty()))
                    .isPresent();
        }
    }
}

package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second model finds a wrong label also where a file is a block device, or the socket of a server. */
class GuardModelTest {
    private static final String DEVICE = "one-device";
    private static final String SOCKET = "one-socket";

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    private final FollowedHost host;
    private final VmDevices devices;
    private final KillableService service;
    private final Set<Path> before;
    private final RandomVm vm;
    private final DeviceOperations operations;

    GuardModelTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        devices = new VmDevices(host, root.resolve("devices"), List.of("one"));
        JudgedQemu.make(host, "base", "");
        RandomVm.make(host, "one");
        host.setLabel(DEVICE, FollowedHost.HOME);
        host.setLabel(SOCKET, FollowedHost.HOME);
        List<RandomVm> vms = new ArrayList<>();
        service = new KillableService(host, vms);
        before = new HashSet<>(service.model().labels().keySet());
        vm = new RandomVm(host, Files.createDirectory(root.resolve("one")), "one", "\"auto-read-only\":true");
        vms.add(vm);
        operations = new DeviceOperations(random, host.path("").normalize());
    }

    @AfterEach
    void close() throws IOException {
        vm.close();
        devices.close();
        host.close();
    }

    private void done(List<Step> steps) throws IOException {
        assertThat(steps).isNotEmpty();
        for (Step step : steps) {
            if (step.job().isPresent()) {
                vm.await(step.job().get());
            }
            vm.vm().done(step.command());
            service.check();
        }
    }

    private void removed(String node) throws IOException {
        done(List.of(Step.of("blockdev-del", "'node-name':'" + node + "'")));
    }

    /** The node of this driver that nothing uses. */
    private String lone(String driver) throws IOException {
        return vm.facts().lone().stream()
                .filter(node -> node.driver().equals(driver))
                .map(QemuFacts.Block::name)
                .findFirst()
                .orElseThrow();
    }

    private void assertFound(String file, String label, String rule) throws IOException {
        String right = host.label(file);
        host.setLabel(file, label);
        assertThat(service.complaints()).anyMatch(text -> text.startsWith(rule) && text.contains(file));
        host.setLabel(file, right);
    }

    @Test
    void the_label_of_a_device_that_is_not_given_back_is_found() throws IOException {
        done(operations.image(vm.book(), vm.facts()));
        assertThat(host.label(DEVICE)).isEqualTo(vm.vm().image());
        assertFound(DEVICE, FollowedHost.HOME, "I4: ");
        removed(lone("qcow2"));
        removed(lone("host_device"));

        assertThat(host.label(DEVICE)).isEqualTo(FollowedHost.HOME);
        assertFound(DEVICE, vm.vm().image(), "I3: ");
        assertFound(DEVICE, FollowedHost.CONTENT, "I3: ");
        service.end(before);
    }

    @Test
    void a_disk_moves_to_a_device() throws IOException {
        done(operations.image(vm.book(), vm.facts()));
        String image = lone("qcow2");
        vm.book().job("job", host.path(DEVICE));
        done(List.of(
                Step.of("blockdev-mirror", "'job-id':'job','device':'top','sync':'full','target':'" + image + "'")));
        vm.vm().untilJob("job", "ready");
        done(List.of(Step.of("job-complete", "'id':'job'")));
        vm.vm().untilGone("job");
        service.check();

        assertThat(vm.facts().chain()).containsExactly(image);
        removed("top");
        removed("top-file");
        service.end(before);
    }

    /** As with a regular file: until something above it writes, its node is a reader. */
    @Test
    void a_device_with_auto_read_only_can_have_another_reader() throws IOException {
        host.start("reader", host.image(DEVICE, ImageFormat.RAW, Access.READ_ONLY));
        done(List.of(Step.of(
                "blockdev-add",
                "'driver':'host_device','node-name':'device','auto-read-only':true,'filename':'" + host.path(DEVICE)
                        + "'")));

        assertThat(host.label(DEVICE)).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.holds("one"))
                .filteredOn(hold -> hold.path().equals(host.hostPath(DEVICE)))
                .isNotEmpty()
                .noneMatch(FileHold::isWriting);
    }

    @Test
    void the_label_of_a_servers_socket_is_wanted_as_long_as_a_node_is_over_it() throws IOException {
        done(operations.backup(vm.book(), vm.facts()));
        assertThat(host.label(SOCKET)).isEqualTo(vm.vm().image());
        assertFound(SOCKET, FollowedHost.HOME, "I4: ");
        for (String job : vm.facts().jobs().keySet()) {
            // It may be done by now.
            vm.ask(Step.of("block-job-cancel", "'device':'" + job + "'").command());
            vm.vm().untilGone(job);
        }
        removed(lone("raw"));
        removed(lone("nbd"));

        assertThat(host.label(SOCKET)).isEqualTo(FollowedHost.HOME);
        assertFound(SOCKET, vm.vm().image(), "I3: ");
        service.end(before);
    }
}

package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.config.GuardConfig;
import labeler.fileset.FileUse;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.FileRole;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node over the socket of an NBD server: qemu connects again whenever the server has gone away for a while. */
class ServerSocketsTest {
    private final Path root;
    private final FollowedHost host;
    private final JudgedQemu vm;
    private final NbdServer server;
    private final String before;

    ServerSocketsTest(@TempDir Path root) throws IOException {
        this.root = root;
        host = new FollowedHost(root);
        vm = JudgedQemu.withChain(host, root, "base", "top");
        JudgedQemu.make(host, "served", "");
        server = new NbdServer(host.path("socket"), host.path("served"), "qcow2");
        before = host.label("socket");
    }

    @AfterEach
    void close() throws IOException {
        vm.close();
        server.close();
        host.close();
    }

    private String served() {
        return "'driver':'nbd','export':'x','reconnect-delay':30,'server':{'type':'unix','path':'" + host.path("socket")
                + "'}";
    }

    private void added(String options) throws IOException {
        vm.done("{'execute':'blockdev-add','arguments':{" + options + "}}");
    }

    private void removed(String node) throws IOException {
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'" + node + "'}}");
    }

    /** Has the guard look at qemu until all that was to settle has settled. */
    private void looked() throws IOException {
        vm.done("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:" + host.path("dump")
                + "'}}");
        vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("dump"))));
        Files.delete(host.path("dump"));
    }

    private void assertHeld() {
        assertThat(host.label("socket")).isEqualTo(vm.image()).isNotEqualTo(before);
        assertThat(vm.holds())
                .filteredOn(hold -> hold.path().equals(host.hostPath("socket")))
                .isNotEmpty()
                .allMatch(hold -> hold.uses().stream().map(FileUse::role).allMatch(FileRole.SOCKET::equals));
    }

    private void assertFree() {
        assertThat(host.label("socket")).isEqualTo(before);
        assertThat(vm.holds()).noneMatch(hold -> hold.path().equals(host.hostPath("socket")));
    }

    @Test
    void the_socket_of_a_nodes_server_is_the_vms_until_the_node_leaves() throws IOException {
        added("'node-name':'n'," + served());
        assertHeld();
        looked();
        assertHeld();
        vm.done("{'execute':'blockdev-reopen','arguments':{'options':[{'node-name':'n','read-only':true," + served()
                + "}]}}");
        looked();
        assertHeld();
        removed("n");

        assertFree();
    }

    @Test
    void one_inside_of_another_node_holds_it_as_well() throws IOException {
        added("'driver':'raw','node-name':'outer','file':{" + served() + "}");
        looked();
        assertHeld();
        removed("outer");

        assertFree();
    }

    @Test
    void it_is_held_for_the_last_of_two_nodes() throws IOException {
        added("'node-name':'one'," + served());
        added("'node-name':'two'," + served());
        removed("one");
        assertHeld();
        removed("two");

        assertFree();
    }

    /** The commit makes the nameless node of the server the disk; the one that was added with it goes. */
    @Test
    void a_job_may_take_the_node_of_a_server_from_that_with_which_it_came() throws IOException {
        JudgedQemu.make(host, "overlay", "");
        added("'driver':'qcow2','node-name':'overlay','file':{'driver':'file','filename':'" + host.path("overlay")
                + "'},'backing':{'driver':'raw','node-name':'served','file':{" + served() + "}}");
        added("'driver':'raw','node-name':'user','file':'served','read-only':true");
        vm.done("{'execute':'block-stream','arguments':{'job-id':'j','device':'overlay','auto-dismiss':false}}");
        vm.dismissed("j");
        removed("overlay");
        looked();
        assertHeld();
        removed("user");

        assertFree();
    }

    @Test
    void another_vm_does_not_get_it() throws IOException {
        added("'node-name':'n'," + served());
        Path others = Files.createDirectories(root.resolve("other"));
        JudgedQemu.make(host, "others", "");
        try (JudgedQemu other = new JudgedQemu(
                host,
                others,
                new VmName("two"),
                JudgedQemu.arguments(
                        List.of(
                                "{\"driver\":\"qcow2\",\"node-name\":\"n\",\"file\":{\"driver\":\"file\",\"filename\":\""
                                        + host.path("others") + "\"}}"),
                        List.of()),
                GuardConfig.DEFAULT)) {
            assertThat(other.refused("{'execute':'blockdev-add','arguments':{'node-name':'m'," + served() + "}}"))
                    .startsWith("labeler S1: ");
        }
    }

    @Test
    void a_service_that_was_killed_knows_it_by_the_node() throws IOException {
        added("'node-name':'n'," + served());
        vm.relayed().unguarded();
        host.restart();
        vm.guardedAgain(root);
        looked();
        assertHeld();
        removed("n");

        assertFree();
    }

    /** Nobody saw the answer: the command's own hold tells of the node. */
    @Test
    void an_answer_that_was_lost_is_told_by_the_node() throws IOException {
        added("'node-name':'n'," + served());
        vm.relayed().unguarded();
        host.restart();
        host.files()
                .settle(
                        host.files().run(new VmName("one")),
                        holds -> holds.stream()
                                .map(hold -> hold.path().equals(host.hostPath("socket"))
                                        ? hold.until(new HoldTrigger.Command(7, Optional.of(new HoldTrigger.Node("n"))))
                                        : hold)
                                .toList());
        vm.guardedAgain(root);
        looked();

        assertHeld();
    }
}

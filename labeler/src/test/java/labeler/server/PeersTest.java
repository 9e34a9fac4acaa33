package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import labeler.http.Limits;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.listen.PeerRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {
    /** A group that no user has on any host. */
    private static final int GROUP = 54_321;

    private static PeerIdentity peer(int uid, int gid, Set<Integer> groups, String context) {
        return new PeerIdentity(
                new Pid(7),
                Optional.empty(),
                uid,
                gid,
                groups,
                Optional.of(context)
                        .filter(text -> !text.isEmpty())
                        .map(text -> text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void root_the_services_own_user_and_the_group_may() {
        PeerRules rules = new PeerRules(1000, OptionalInt.of(GROUP), List.of());
        assertThat(rules.refusal(peer(0, 0, Set.of(), ""))).isEmpty();
        assertThat(rules.refusal(peer(1000, 1000, Set.of(), ""))).isEmpty();
        assertThat(rules.refusal(peer(1001, GROUP, Set.of(), ""))).isEmpty();
        assertThat(rules.refusal(peer(1001, 1001, Set.of(GROUP), ""))).isEmpty();
        assertThat(rules.refusal(peer(1001, 1001, Set.of(4), ""))).isPresent();
        assertThat(new PeerRules(0, OptionalInt.empty(), List.of()).refusal(peer(1001, 1001, Set.of(4), "")))
                .isPresent();
    }

    @Test
    void where_types_are_listed_even_root_must_have_one_of_them() {
        PeerRules rules = new PeerRules(0, OptionalInt.empty(), List.of("virtd_t", "sysadm_t"));
        assertThat(rules.refusal(peer(0, 0, Set.of(), "system_u:system_r:virtd_t:s0-s0:c0.c1023\0")))
                .isEmpty();
        assertThat(rules.refusal(peer(0, 0, Set.of(), "system_u:system_r:svirt_t:s0:c1,c2")))
                .isPresent();
        assertThat(rules.refusal(peer(0, 0, Set.of(), ""))).isPresent();
    }

    /** Runs curl. The socket is open to everybody, so only the kernel's word on the peer decides. */
    private static String curlAs(TestServer server, Path directory, String... identity)
            throws IOException, InterruptedException {
        return postAs(server, directory, "/v1/vms/web1/start", identity);
    }

    private static String postAs(TestServer server, Path directory, String path, String... identity)
            throws IOException, InterruptedException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(server.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
        List<String> command = new ArrayList<>(List.of("/usr/bin/setpriv"));
        command.addAll(List.of(identity));
        command.addAll(List.of(
                "/usr/bin/curl",
                "--silent",
                "--max-time",
                "20",
                "--unix-socket",
                server.socket().toString(),
                "--write-out",
                "%{http_code}",
                "--data-binary",
                "{\"domainXml\":\"<domain/>\"}",
                "http://labelerd" + path));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }

    @Test
    void a_stranger_is_refused_whatever_the_socket_allows(@TempDir Path directory) throws Exception {
        Capability.ROOT.assume();
        Capability.CURL.assume();
        Capability.SETPRIV.assume();
        try (TestServer server =
                TestServer.start(directory, new PeerRules(0, OptionalInt.of(GROUP), List.of()), Limits.DEFAULT)) {
            String refused = curlAs(server, directory, "--reuid=65534", "--regid=65534", "--clear-groups");
            assertThat(refused).endsWith("403").contains("NOT_PERMITTED", "user 65534");
            assertThat(server.lifecycle().starts()).isEmpty();
            assertThat(server.get("/metrics")).contains("labeler_peers_refused_total 1.0");
            assertThat(curlAs(server, directory, "--reuid=65534", "--regid=65534", "--groups=" + GROUP))
                    .endsWith("200");
            assertThat(server.lifecycle().starts()).hasSize(1);
            assertThat(server.lifecycle().starts().getFirst().owner().uid()).isEqualTo(65_534);
        }
    }

    /** Its own libvirt starts domains of names that the host's libvirt has, too. */
    @Test
    void a_member_of_the_group_is_no_hook_of_libvirts(@TempDir Path directory) throws Exception {
        Capability.ROOT.assume();
        Capability.CURL.assume();
        Capability.SETPRIV.assume();
        try (TestServer server =
                TestServer.start(directory, new PeerRules(0, OptionalInt.of(GROUP), List.of()), Limits.DEFAULT)) {
            for (String moment : List.of("start/begin", "migrate/begin", "release/end")) {
                assertThat(postAs(
                                server,
                                directory,
                                "/v1/hooks/libvirt/web1/" + moment + "/-",
                                "--reuid=65534",
                                "--regid=65534",
                                "--groups=" + GROUP))
                        .as(moment)
                        .endsWith("403")
                        .contains("the host's own libvirt");
            }
            assertThat(server.lifecycle().starts()).isEmpty();
        }
    }

    @Test
    void a_user_who_has_all_connections_that_are_its_is_told_so_and_root_goes_on(@TempDir Path directory)
            throws Exception {
        Capability.ROOT.assume();
        Capability.CURL.assume();
        Capability.SETPRIV.assume();
        Limits none = new Limits(
                Limits.DEFAULT.bodySize(),
                Limits.DEFAULT.headerSize(),
                Limits.DEFAULT.idleTime(),
                Limits.DEFAULT.requestTime(),
                Limits.DEFAULT.connections(),
                0,
                Limits.DEFAULT.roomTime(),
                Limits.DEFAULT.stopTime());
        try (TestServer server =
                TestServer.start(directory, new PeerRules(0, OptionalInt.of(GROUP), List.of()), none)) {
            assertThat(curlAs(server, directory, "--reuid=65534", "--regid=65534", "--groups=" + GROUP))
                    .endsWith("503")
                    .contains("BUSY", "user 65534");
            assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
        }
    }
}

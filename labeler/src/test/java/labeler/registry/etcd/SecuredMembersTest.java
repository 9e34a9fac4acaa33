package labeler.registry.etcd;

import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.etcd.EtcdProgram;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member with a certificate, and with a user for each host, who may write under its own name alone. */
class SecuredMembersTest {
    private static final String PREFIX = "/labeler/v1/";

    private final Path directory;

    @AutoClose
    private final EtcdServer server;

    private final Path certificate;

    SecuredMembersTest(@TempDir Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        EtcdProgram.require();
        certificate = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        // Through openssl(1), since the JDK has no way to make a certificate.
        Process made = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=test",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(made.waitFor())
                .as(new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isZero();
        server = EtcdServer.start("https", List.of("--cert-file=" + certificate, "--key-file=" + key));
        server.await(settings(Optional.of(certificate), Optional.empty()));
        authenticate();
    }

    private EtcdSettings settings(Optional<Path> authority, Optional<EtcdSettings.User> user) {
        EtcdSettings plain = server.settings();
        return new EtcdSettings(plain.endpoints(), authority, user, plain.deadline(), plain.patience());
    }

    private EtcdSettings as(String user, String password) throws IOException {
        Path file = Files.writeString(directory.resolve("password-of-" + user), password + "\n");
        return settings(Optional.of(certificate), Optional.of(new EtcdSettings.User(user, file)));
    }

    /** The users of a cluster: root, and one for each host. */
    private void authenticate() throws IOException {
        try (Gateway gateway = Gateway.to(settings(Optional.of(certificate), Optional.empty()))) {
            ask(gateway, "user/add", Json.object().put("name", "root").put("password", "secret"));
            ask(gateway, "user/grant", Json.object().put("user", "root").put("role", "root"));
            for (String host : List.of("left", "right")) {
                ask(gateway, "role/add", Json.object().put("name", host));
                permit(gateway, host, "READ", PREFIX);
                permit(gateway, host, "READWRITE", PREFIX + "pairs/");
                permit(gateway, host, "READWRITE", PREFIX + "files/");
                permit(gateway, host, "READWRITE", PREFIX + "vms/" + host + "/");
                permit(gateway, host, "READWRITE", PREFIX + "hosts/" + host);
                ask(gateway, "user/add", Json.object().put("name", host).put("password", "of-" + host));
                ask(gateway, "user/grant", Json.object().put("user", host).put("role", host));
            }
            ask(gateway, "enable", Json.object());
        }
    }

    private static void permit(Gateway gateway, String role, String type, String from) {
        String to = from.substring(0, from.length() - 1) + (char) (from.charAt(from.length() - 1) + 1);
        ask(
                gateway,
                "role/grant",
                Json.object()
                        .put("name", role)
                        .put(
                                "perm",
                                Json.object()
                                        .put("permType", type)
                                        .put("key", base64(from))
                                        .put("range_end", base64(to))
                                        .build()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void ask(Gateway gateway, String path, Json.ObjectBuilder question) {
        assertThat(gateway.ask("/v3/auth/" + path, question.build())).isInstanceOf(Members.Answered.class);
    }

    @Test
    void a_host_works_with_a_user_of_its_own_rights() throws IOException {
        try (EtcdAdministration administration = EtcdAdministration.of(as("root", "secret"));
                EtcdRegistry left =
                        EtcdRegistry.of(as("left", "of-left"), TestCluster.self("left"), new TestCluster.InMemory())) {
            done(administration.join(TestCluster.self("left")));
            given(left.mine());
            started(left, start("web", drawing(CategoryPair.of(1, 2)), disk(1)));
            assertThat(ended(left, "web", Set.of(file(1)))).hasSize(1);
        }
    }

    @Test
    void a_host_cannot_speak_for_another_and_fences_nobody() throws IOException {
        try (EtcdAdministration administration = EtcdAdministration.of(as("root", "secret"));
                EtcdAdministration hosts = EtcdAdministration.of(as("right", "of-right"));
                EtcdRegistry impostor = EtcdRegistry.of(
                        as("right", "of-right"), TestCluster.self("left"), new TestCluster.InMemory())) {
            done(administration.join(TestCluster.self("left")));

            assertThat(impostor.mine())
                    .isInstanceOfSatisfying(
                            Answer.Refused.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Denied.class));
            assertThat(hosts.fence(new HostName("left"))).containsInstanceOf(Refusal.Denied.class);
        }
    }

    /** The key is named, since it is for the administrator of etcd to grant it. */
    @Test
    void a_host_is_told_which_key_it_may_not_write() throws IOException {
        try (EtcdAdministration right = EtcdAdministration.of(as("right", "of-right"))) {
            assertThat(right.unwritable(new HostName("right"), "user right")).isEmpty();
            assertThat(right.unwritable(new HostName("left"), "user right").map(Refusal::message))
                    .contains("the cluster's registry refuses: user right may not write " + PREFIX
                            + "hosts/left: grant it (docs/cluster.md)");
            given(right.storages());
        }
    }

    @Test
    void a_wrong_password_and_an_unknown_certificate_get_nothing() throws IOException {
        try (EtcdAdministration wrong = EtcdAdministration.of(as("left", "guessed"))) {
            assertThat(wrong.storages()).isInstanceOf(Answer.Refused.class);
        }
        Optional<EtcdSettings.User> user = as("left", "of-left").user();
        try (Gateway distrusting = Gateway.to(settings(Optional.empty(), user))) {
            assertThat(distrusting.ask("/v3/maintenance/status", Json.object().build()))
                    .isInstanceOf(Members.Lost.class);
        }
    }
}

package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import labeler.registry.etcd.EtcdServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of docs/cluster.md, as they are written there, with an etcd that has TLS and the users of the page and no others.
 * Only names of places and of hosts are those of the test.
 */
@Timeout(300)
class ClusterPageIT {
    private static final Path PAGE = Path.of("../docs/cluster.md");
    private static final Pattern BLOCK = Pattern.compile("```\\n(.*?)```", Pattern.DOTALL);
    private static final List<String> HOSTS = List.of("alpha", "beta");

    private final Path temporary;
    private final EtcdServer etcd;
    private final Mounted pool;

    /** An etcd without users. */
    ClusterPageIT(@TempDir Path temporary) throws Exception {
        this.temporary = temporary;
        Machine.requireRootAnd("curl", "openssl", "qemu-img", "getfattr", "setfattr");
        Machine.requireLoopDevices();
        String key = temporary.resolve("key.pem").toString();
        Command.done(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
                        + " -addext subjectAltName=IP:127.0.0.1 -keyout " + key + " -out " + authority())
                .split(" "));
        etcd = EtcdServer.start("https", List.of("--cert-file=" + authority(), "--key-file=" + key));
        eventually(
                "etcd answers",
                () -> Command.run(Map.of(), List.of("curl", "-sk", etcd.endpoint() + "/version"))
                                .exitCode()
                        == 0);
        pool = Mounted.ext4(temporary.resolve("pool"), 64 << 20);
        for (String host : HOSTS) {
            Files.createDirectories(temporary.resolve(host));
            Files.writeString(temporary.resolve(host + "/password"), "of-" + host + "\n");
        }
        Files.writeString(temporary.resolve("password-of-root"), "of-root\n");
        program("etcdctl", Files.readString(Path.of("src/test/resources/labeler/it/etcdctl.sh")));
        program(
                "labeler",
                "#!/bin/sh\nexec " + ServiceFixture.labeler() + " \"$@\" --config " + temporary
                        + "/$HOST/labeler.toml --unit-dir " + temporary + "/$HOST/unit\n");
    }

    @AfterEach
    void end() throws IOException {
        pool.close();
        etcd.close();
    }

    private Path authority() {
        return temporary.resolve("ca.pem");
    }

    private void program(String name, String text) throws IOException {
        Path file = Files.createDirectories(temporary.resolve("bin")).resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The commands of a section, a block each. */
    private static List<String> blocks(String title) throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf("\n## " + title);
        assertThat(from).as("section %s of %s", title, PAGE).isNotNegative();
        String section = page.substring(from, page.indexOf("\n## ", from + 1));
        return BLOCK.matcher(section).results().map(found -> found.group(1)).toList();
    }

    /** As it is written for host alpha, with the places of this test. */
    private Command run(String host, String block) throws IOException {
        String script = block.replaceAll(
                        "https://etcd[0-9]:2379", etcd.endpoint().toString())
                .replace("/etc/labeler/etcd-ca.pem", authority().toString())
                .replace("/etc/labeler/etcd-password", temporary + "/" + host + "/password")
                .replace("/root/etcd-root-password", temporary + "/password-of-root")
                .replace("/srv/pool", pool.directory().toString());
        // The service here is none of systemd's: the test starts it. ServiceUnitTest and the guest restart one.
        String own = block.startsWith("labeler cluster join")
                ? script.replace("alpha", host).replace(" --restart", "")
                : script;
        return Command.run(
                Map.of("HOST", host, "PATH", temporary.resolve("bin") + ":" + System.getenv("PATH")),
                List.of("bash", "-euc", own));
    }

    private String done(String host, String block) throws IOException {
        Command command = run(host, block);
        assertThat(command.exitCode()).as("%s: %s", block, command).isZero();
        return command.out();
    }

    /** Its settings are where its commands look for them. */
    private ServiceFixture service(String host) throws IOException {
        ServiceFixture service = new ServiceFixture(temporary.resolve(host));
        service.configure("[service]\nstate-directory = \"" + service.state() + "\"\n");
        return service;
    }

    @Test
    void two_hosts_agree_by_the_commands_of_the_page_with_the_rights_that_it_gives() throws IOException {
        List<String> blocks = blocks("Two hosts in five commands");
        assertThat(blocks).hasSize(4);
        String users = blocks.get(0);
        String join = blocks.get(1);
        String add = blocks.get(2);
        String look = blocks.get(3);
        assertThat(2 * join.lines().count() + add.lines().count() + look.lines().count())
                .as("as the title says")
                .isEqualTo(5);

        done("root", users);
        try (ServiceFixture alpha = service("alpha");
                ServiceFixture beta = service("beta")) {
            for (ServiceFixture service : List.of(alpha, beta)) {
                done(service == alpha ? "alpha" : "beta", join);
                service.start();
            }
            Command unprivileged = run("alpha", add.replaceAll(" --admin.*", ""));
            assertThat(unprivileged.exitCode()).isEqualTo(5);
            assertThat(unprivileged.err()).contains("permission denied", "--admin USER");
            assertThat(done("alpha", add)).contains("ext4");
            eventually(
                    "both are there",
                    () -> Pattern.compile("(alpha|beta) +there")
                                    .matcher(done("beta", look))
                                    .results()
                                    .count()
                            == 2);
            assertThat(done("beta", look)).contains("registry: answers", "at " + pool.directory());

            Path disk = Images.in(pool.directory().resolve("images")).labelledRaw("disk");
            eventually(
                    "alpha has the disk",
                    () -> alpha.start("web1", TwoHosts.disk(disk)).status() == 200);
            eventually("beta knows the storage", () -> {
                Reply refused = beta.start("web2", TwoHosts.disk(disk));
                assertThat(refused.status()).isNotEqualTo(200);
                return refused.text("message").contains("on host alpha");
            });
            alpha.stop("web1").ok();

            beta.kill();
            String fence = blocks("A host that died").getFirst();
            assertThat(run("alpha", fence.replaceAll(" --admin.*", "")).err()).contains("--admin USER");
            done("alpha", fence);
        }
    }
}

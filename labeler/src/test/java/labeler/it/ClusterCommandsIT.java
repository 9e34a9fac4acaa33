package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.registry.etcd.EtcdServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of an administrator, with a real etcd. */
@Timeout(300)
class ClusterCommandsIT {
    private final Path temporary;

    @AutoClose
    private final EtcdServer etcd;

    ClusterCommandsIT(@TempDir Path temporary) throws Exception {
        this.temporary = temporary;
        Machine.requireLoopDevices();
        etcd = EtcdServer.start();
        Files.writeString(settings(), "[service]\nstate-directory = \"" + temporary.resolve("state") + "\"\n");
    }

    private Path settings() {
        return temporary.resolve("labeler.toml");
    }

    private Path dropIn() {
        return temporary.resolve("unit/cluster.conf");
    }

    private Command cluster(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(ServiceFixture.labeler(), "cluster"));
        command.addAll(List.of(words));
        command.addAll(List.of(
                "--config",
                settings().toString(),
                "--unit-dir",
                temporary.resolve("unit").toString()));
        return Command.run(Map.of(), command);
    }

    private String done(String... words) throws IOException {
        Command command = cluster(words);
        assertThat(command.exitCode()).as("%s", command).isZero();
        return command.out();
    }

    @Test
    void a_host_joins_and_leaves() throws IOException {
        assertThat(cluster("status").exitCode()).as("in no cluster").isEqualTo(2);
        assertThat(done("join", etcd.endpoint().toString(), "--host", "alpha")).contains("joined as alpha");
        assertThat(Files.readString(settings().resolveSibling("cluster.toml"))).contains("host = \"alpha\"");
        assertThat(Files.readString(settings())).doesNotContain("alpha");
        assertThat(Files.readString(dropIn())).contains("IPAddressAllow=127.0.0.1");
        assertThat(done("hosts")).contains("alpha", "silent");
        assertThat(done("hosts", "--json")).contains("\"host\"", "\"alpha\"", "\"heard\"");

        Path pool = temporary.resolve("pool");
        try (Mounted _ = Mounted.ext4(pool, 16 << 20)) {
            assertThat(done("storage", "add", "pool", pool.toString())).contains("ext4");
            assertThat(done("storage", "list")).contains("pool", "ext4");
            assertThat(done("status")).contains("alpha", "answers", "at " + pool);
            assertThat(cluster("storage", "add", "pool", "/proc").exitCode()).isEqualTo(1);
        }
        assertThat(cluster("fence", "alpha").exitCode()).as("not confirmed").isEqualTo(2);
        assertThat(cluster("forget", "alpha").exitCode()).as("not fenced").isEqualTo(4);
        assertThat(done("leave")).contains("alpha");
        assertThat(settings().resolveSibling("cluster.toml")).doesNotExist();
        assertThat(dropIn()).doesNotExist();
    }

    @Test
    void a_dead_host_is_fenced_and_forgotten() throws IOException {
        done("join", etcd.endpoint().toString(), "--host", "alpha");
        done("fence", "alpha", "--confirmed");
        assertThat(done("hosts")).contains("fenced");
        assertThat(done("forget", "alpha")).contains("forgotten");
        assertThat(done("hosts")).doesNotContain("alpha");
    }

    @Test
    void what_a_host_knew_of_another_cluster_does_not_count() throws IOException {
        done("join", etcd.endpoint().toString(), "--host", "alpha");
        Path known = Files.createDirectories(temporary.resolve("state/cluster"));
        Path pairs = Files.writeString(known.resolve("pairs"), "0 c1,c2");
        done("leave");
        assertThat(pairs).doesNotExist();

        Files.writeString(known.resolve("seen"), "{}");
        Command join = cluster("join", etcd.endpoint().toString(), "--host", "alpha");
        assertThat(join.exitCode()).isEqualTo(1);
        assertThat(join.err()).contains("labeler cluster leave");
    }

    /** A machine that was made of the same image has the same machine id. */
    @Test
    void another_machine_of_one_image_cannot_join_under_the_same_name() throws IOException {
        done("join", etcd.endpoint().toString(), "--host", "alpha");
        assertThat(done("join", etcd.endpoint().toString(), "--host", "alpha"))
                .as("again")
                .contains("joined as alpha");

        Files.move(temporary.resolve("state"), temporary.resolve("state-of-the-first"));
        Command join = cluster("join", etcd.endpoint().toString(), "--host", "alpha");
        assertThat(join.exitCode()).isEqualTo(4);
        assertThat(join.err()).contains("another machine has joined as alpha");
        assertThat(done("join", etcd.endpoint().toString(), "--host", "beta")).contains("joined as beta");
    }

    @Test
    void nothing_is_rebuilt_that_was_not_lost() throws IOException {
        done("join", etcd.endpoint().toString(), "--host", "alpha");
        Command rebuild = cluster("rebuild");
        assertThat(rebuild.exitCode()).isEqualTo(4);
        assertThat(rebuild.err()).contains("nothing to rebuild");
    }

    @Test
    void without_the_registry_the_exit_code_says_so() throws IOException {
        done("join", etcd.endpoint().toString(), "--host", "alpha");
        etcd.kill();
        Command hosts = cluster("hosts");
        assertThat(hosts.exitCode()).isEqualTo(5);
        assertThat(hosts.err()).contains("registry does not answer");
    }
}

package labeler.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.Enforcement;
import labeler.linux.HostPath;
import labeler.mcs.CategoryRange;
import labeler.registry.HostName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    @Test
    void nothing_said_is_the_defaults() {
        assertThat(ConfigReader.parse("x", "")).isEqualTo(new ConfigReader.Read(Config.DEFAULT));
        assertThat(Config.DEFAULT.service().socket()).isEqualTo(Path.of("/run/labeler/labeler.sock"));
        assertThat(Config.DEFAULT.service().stateDirectory()).isEqualTo(Path.of("/var/lib/labeler"));
        assertThat(Config.DEFAULT.service().group()).isEqualTo(new ServiceConfig.Group("labeler", false));
        assertThat(Config.DEFAULT.label().enforcement()).isEqualTo(Enforcement.REQUIRED);
        assertThat(Config.DEFAULT.mcs().range()).isEqualTo(CategoryRange.DEFAULT);
    }

    @Test
    void everything_can_be_said() {
        String toml = """
                [service]
                socket = "/s"
                group = "kvm"
                state-directory = "/state"
                run-directory = "/run/x"
                threads = 32
                peer-types = ["virtd_t", "sysadm_t"]
                [mcs]
                range = "c10.c20"
                [label]
                contexts-directory = "/contexts"
                enforcement = "optional"
                unlabelled = "leave"
                tree-files = 77
                [image]
                roots = ["/images"]
                [launch]
                landlock = "on"
                system-files = ["/usr"]
                devices = ["/dev/null"]
                root-squash-owner = "qemu:36"
                [guard]
                allow = ["-gdb"]
                roots = ["/exports"]
                labels = "libvirt"
                [libvirt]
                follow = false
                [cluster]
                endpoints = ["https://n1:2379", "https://[fd00::2]:2379"]
                host = "alpha"
                ca = "/ca.pem"
                user = "alpha"
                password-file = "/password"
                deadline = 5
                unregistered = "local"
                """;
        assertThat(ConfigReader.parse("x", toml))
                .isEqualTo(new ConfigReader.Read(new Config(
                        new ServiceConfig(
                                Path.of("/s"),
                                new ServiceConfig.Group("kvm", true),
                                Path.of("/state"),
                                Path.of("/run/x"),
                                32,
                                List.of("virtd_t", "sysadm_t")),
                        new McsConfig(CategoryRange.parse("c10.c20").orElseThrow()),
                        new LabelConfig(
                                Optional.of(Path.of("/contexts")),
                                Enforcement.OPTIONAL,
                                LabelConfig.Unlabelled.LEAVE,
                                77),
                        new ImageConfig(Optional.of(List.of(HostPath.of("/images")))),
                        new LaunchConfig(
                                LandlockPolicy.Mode.ON,
                                List.of(HostPath.of("/usr")),
                                List.of(HostPath.of("/dev/null")),
                                Optional.of(new LaunchConfig.Owner("qemu", "36"))),
                        new GuardConfig(
                                List.of("-gdb"),
                                List.of(HostPath.of("/exports")),
                                Optional.of(GuardConfig.Labels.LIBVIRT)),
                        new LibvirtConfig(false),
                        new ClusterConfig(
                                List.of(URI.create("https://n1:2379"), URI.create("https://[fd00::2]:2379")),
                                Optional.of(new HostName("alpha")),
                                Optional.of(Path.of("/ca.pem")),
                                Optional.of("alpha"),
                                Optional.of(Path.of("/password")),
                                5,
                                ClusterConfig.Unregistered.LOCAL))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[service]\\nsokcet = \"/s\" | x: unknown setting service.sokcet; did you mean service.socket?",
                "[serivce]\\nsocket = \"/s\" | x: unknown setting serivce; did you mean service?",
                "[mcs]\\nquota = 7 | x: unknown setting mcs.quota; known here: range",
                "[launch]\\nroot-squash-owner = \"qemu\" | x: launch.root-squash-owner must be USER:GROUP, by names or numbers",
                "[service]\\nsocket = \"s\" | x: service.socket must be an absolute path",
                "[service]\\nsocket = 7 | x: service.socket must be an absolute path",
                "[service]\\nthreads = 2 | x: service.threads must be a whole number from 8 to 256",
                "[service]\\nthreads = \"16\" | x: service.threads must be a whole number from 8 to 256",
                "[service]\\npeer-types = [7] | x: service.peer-types must be a list of SELinux types",
                "[service]\\ngroup = \"a b\" | x: service.group must be the name of a group",
                "[mcs]\\nrange = \"c5.c5\" | x: mcs.range must be two categories, the lower first: \"c0.c1023\"",
                "[label]\\nenforcement = \"maybe\" | x: label.enforcement must be \"required\" or \"optional\"",
                "[label]\\nunlabelled = \"maybe\" | x: label.unlabelled must be \"refuse\" or \"leave\"",
                "[label]\\ntree-files = 1000001 | x: label.tree-files must be a whole number from 0 to 1000000",
                "[launch]\\nlandlock = \"maybe\" | x: launch.landlock must be \"auto\", \"on\" or \"off\"",
                "[launch]\\ndevices = [\"kvm\"] | x: launch.devices must be a list of absolute paths",
                "[cluster]\\nendpoints = [\"n1:2379\"] | x: cluster.endpoints must be a list of addresses of etcd's members: \"https://NAME:2379\"",
                "[cluster]\\nunregistered = \"maybe\" | x: cluster.unregistered must be \"refuse\" or \"local\"",
                "[libvirt]\\nfollow = \"yes\" | x: libvirt.follow must be true or false",
                "service = 7 | x: service must be a table: [service]"
            })
    void what_is_wrong_is_said_in_one_line(String toml, String message) {
        assertThat(ConfigReader.parse("x", toml.replace("\\n", "\n"))).isEqualTo(new ConfigReader.Invalid(message));
    }

    @Test
    void what_is_not_toml_is_an_error_with_its_line() {
        String rest = ": not TOML: it cannot be read up to here; a setting is KEY = VALUE, each key once, text in"
                + " quotes";
        assertThat(ConfigReader.parse("x", "[service]\nsocket = \n")).isEqualTo(new ConfigReader.Invalid("x:2" + rest));
        assertThat(ConfigReader.parse("x", "[service]\nthreads = 9\nthreads = 9\n"))
                .isEqualTo(new ConfigReader.Invalid("x:4" + rest));
    }

    @Test
    void a_file_that_cannot_be_read_is_named_with_the_reason_and_the_way_out(@TempDir Path directory)
            throws IOException {
        String wayOut = "; mend that, or name another file with --config";
        assertThat(ConfigReader.read(Optional.of(directory)))
                .isEqualTo(new ConfigReader.Invalid(directory + ": is a directory" + wayOut));
        Path latin = Files.write(directory.resolve("latin"), new byte[] {'#', (byte) 0xe4, 10});
        assertThat(ConfigReader.read(Optional.of(latin)))
                .isEqualTo(new ConfigReader.Invalid(latin + ": not UTF-8" + wayOut));
        Path loop = directory.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        assertThat(ConfigReader.read(Optional.of(loop)))
                .isInstanceOfSatisfying(
                        ConfigReader.Invalid.class,
                        invalid -> assertThat(invalid.message())
                                .startsWith(loop + ": too many levels of symbolic links")
                                .endsWith(wayOut));
    }

    @Test
    void a_file_that_somebody_names_must_exist(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("labeler.toml");
        assertThat(ConfigReader.read(Optional.of(file))).isEqualTo(new ConfigReader.Invalid(file + ": no such file"));
        Files.writeString(file, "[service]\nthreads = 9\n");
        assertThat(ConfigReader.read(Optional.of(file)))
                .isInstanceOfSatisfying(
                        ConfigReader.Read.class,
                        read -> assertThat(read.config().service().threads()).isEqualTo(9));
    }

    private static ConfigReader.Result beside(Path directory, String settings, String cluster) throws IOException {
        Path file = Files.writeString(directory.resolve("labeler.toml"), settings);
        Files.writeString(directory.resolve("cluster.toml"), cluster);
        return ConfigReader.read(Optional.of(file));
    }

    @Test
    void a_cluster_is_read_from_a_file_of_its_own(@TempDir Path directory) throws IOException {
        String cluster = "[cluster]\nendpoints = [ \"https://etcd1:2379\" ]\n";
        assertThat(beside(directory, "[service]\nthreads = 9\n[cluster]\n", cluster))
                .isInstanceOfSatisfying(ConfigReader.Read.class, read -> {
                    assertThat(read.config().service().threads()).isEqualTo(9);
                    assertThat(read.config().cluster().endpoints()).containsExactly(URI.create("https://etcd1:2379"));
                });
        assertThat(beside(directory, cluster, "# left\n[cluster]\n"))
                .isEqualTo(ConfigReader.parse("x", cluster))
                .isInstanceOf(ConfigReader.Read.class);
    }

    @Test
    void a_cluster_stands_in_one_file_and_nothing_else_beside_it(@TempDir Path directory) throws IOException {
        String cluster = "[cluster]\nendpoints = [ \"https://etcd1:2379\" ]\n";
        Path settings = directory.resolve("labeler.toml");
        Path own = directory.resolve("cluster.toml");
        for (String also : List.of(cluster, "[cluster]\nunregistered = \"local\"\n")) {
            assertThat(beside(directory, also, cluster))
                    .isEqualTo(new ConfigReader.Invalid(
                            own + ": " + settings + " has settings of the cluster as well; move them here"));
        }
        assertThat(beside(directory, "", cluster + "[service]\nthreads = 9\n"))
                .isEqualTo(new ConfigReader.Invalid(
                        own + ": only [cluster] has its place here; move the rest to " + settings));
        assertThat(beside(directory, "", "[cluster]\nhosts = 1\n"))
                .isInstanceOfSatisfying(
                        ConfigReader.Invalid.class,
                        invalid -> assertThat(invalid.message()).startsWith(own + ": unknown setting"));
    }

    @Test
    void the_command_line_goes_before_the_file() {
        Overrides overrides = new Overrides(
                Optional.of(Path.of("/a")),
                Optional.of(Path.of("/b")),
                Optional.of(Path.of("/c")),
                Optional.of(Enforcement.OPTIONAL));
        Config config = Config.DEFAULT.with(overrides);
        assertThat(config.service().socket()).isEqualTo(Path.of("/a"));
        assertThat(config.service().stateDirectory()).isEqualTo(Path.of("/b"));
        assertThat(config.service().runDirectory()).isEqualTo(Path.of("/c"));
        assertThat(config.label().enforcement()).isEqualTo(Enforcement.OPTIONAL);
        assertThat(Config.DEFAULT.with(Overrides.NONE)).isEqualTo(Config.DEFAULT);
    }
}

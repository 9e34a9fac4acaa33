package labeler.cluster.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.config.ClusterConfig;
import labeler.config.ConfigReader;
import labeler.registry.HostName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {
    private static final ClusterConfig ALPHA = new ClusterConfig(
            List.of(URI.create("https://etcd1:2379"), URI.create("https://[fd00::2]:2379")),
            Optional.of(new HostName("alpha")),
            Optional.of(Path.of("/etc/labeler/ca.pem")),
            Optional.of("al\"pha"),
            Optional.of(Path.of("/etc/labeler/password")),
            5,
            ClusterConfig.Unregistered.LOCAL);

    @TempDir
    Path temporary;

    private Path file() {
        return temporary.resolve("labeler.toml");
    }

    private ClusterConfig read() {
        return switch (ConfigReader.read(Optional.of(file()))) {
            case ConfigReader.Read(var config) -> config.cluster();
            case ConfigReader.Invalid(String message) -> throw new AssertionError(message);
        };
    }

    @Test
    void a_new_file_has_the_table_alone() throws IOException {
        new SettingsFile(file()).put(ALPHA);
        assertThat(read()).isEqualTo(ALPHA);
    }

    @Test
    void everything_else_stays() throws IOException {
        Path shipped = Path.of("src/main/dist/etc/labeler.toml");
        Files.copy(shipped, file());
        Files.writeString(file(), Files.readString(file()).replace("#threads = 16", "threads = 20"));
        List<String> before = Files.readAllLines(file());
        new SettingsFile(file()).put(ALPHA);
        assertThat(read()).isEqualTo(ALPHA);
        assertThat(Files.readAllLines(file())).containsAll(before);
        new SettingsFile(file()).remove();
        assertThat(Files.readAllLines(file())).isEqualTo(before);
        assertThat(read().isCluster()).isFalse();
    }

    /** A package's file that differs from the package's is asked about at the next update, and may be replaced. */
    @Test
    void the_settings_file_of_a_package_is_not_changed() throws IOException {
        Path shipped = Path.of("src/main/dist/etc/labeler.toml");
        Files.copy(shipped, file());
        SettingsFile.of(file()).put(ALPHA);
        assertThat(file()).hasSameTextualContentAs(shipped);
        assertThat(read()).isEqualTo(ALPHA);
        SettingsFile.of(file()).remove();
        assertThat(read()).isEqualTo(ClusterConfig.DEFAULT);
        assertThat(temporary.toFile().list()).containsExactly("labeler.toml");
    }

    @Test
    void a_cluster_that_is_in_the_settings_file_stays_there() throws IOException {
        Files.writeString(file(), "[cluster]\nendpoints = [ \"https://old:2379\" ]\n");
        SettingsFile.of(file()).put(ALPHA);
        assertThat(read()).isEqualTo(ALPHA);
        assertThat(temporary.toFile().list()).containsExactly("labeler.toml");
        SettingsFile.of(file()).remove();
        assertThat(read()).isEqualTo(ClusterConfig.DEFAULT);
    }

    @Test
    void another_table_replaces_the_first() throws IOException {
        Files.writeString(file(), """
                [cluster]
                endpoints = [
                  "http://old:2379",
                  "http://older:2379"
                ]
                host = "old"
                [libvirt]
                follow = false
                """);
        new SettingsFile(file()).put(ALPHA);
        assertThat(read()).isEqualTo(ALPHA);
        assertThat(Files.readString(file())).doesNotContain("old").contains("follow = false");
    }

    @Test
    void the_unit_reaches_the_members_and_nobody_else() throws IOException {
        Path resolver = Files.writeString(temporary.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        UnitDropIn dropIn = new UnitDropIn(temporary.resolve("unit"), resolver);
        dropIn.put(List.of(URI.create("https://127.0.0.1:2379"), URI.create("https://[fd00::2]:2379")));
        assertThat(Files.readString(dropIn.file()))
                .contains("RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6\n")
                .contains("IPAddressAllow=127.0.0.1\n")
                .contains("IPAddressAllow=fd00:0:0:0:0:0:0:2\n")
                .doesNotContain("192.0.2.1");
        assertThat(UnitDropIn.text(Set.of())).doesNotContain("IPAddressAllow");
        assertThat(dropIn.remove()).isTrue();
        assertThat(dropIn.remove()).isFalse();
    }

    @Test
    void the_unit_reaches_the_name_servers_if_a_member_has_a_name() throws IOException {
        Path resolver = Files.writeString(temporary.resolve("resolv.conf"), """
                # nameserver 192.0.2.9
                search example.org
                nameserver 192.0.2.1
                  nameserver   fe80::1%eth0
                nameserver
                nameserver nonsense
                """);
        UnitDropIn dropIn = new UnitDropIn(temporary.resolve("unit"), resolver);
        List<URI> endpoints = List.of(URI.create("https://127.0.0.1:2379"), URI.create("https://localhost:2379"));
        dropIn.put(endpoints);
        assertThat(Files.readAllLines(dropIn.file()))
                .filteredOn(line -> line.startsWith("IPAddressAllow="))
                .contains("IPAddressAllow=127.0.0.1", "IPAddressAllow=192.0.2.1", "IPAddressAllow=fe80:0:0:0:0:0:0:1")
                .noneMatch(line -> line.contains("192.0.2.9") || line.contains("nonsense"));

        new UnitDropIn(temporary.resolve("other"), temporary.resolve("none")).put(endpoints);
        assertThat(Files.readString(temporary.resolve("other/cluster.conf"))).contains("IPAddressAllow=127.0.0.1\n");
    }

    @Test
    void a_table_as_people_write_it_is_found() throws IOException {
        for (String header : List.of("[cluster] # ours", "[ cluster ]", "  [cluster]")) {
            Files.writeString(file(), header + "\nendpoints = [ # all\n  \"https://old:2379\",\n]\nhost = \"old\"\n");
            new SettingsFile(file()).put(ALPHA);
            assertThat(read()).as(header).isEqualTo(ALPHA);
            new SettingsFile(file()).remove();
            assertThat(read().isCluster()).as(header).isFalse();
        }
    }

    @Test
    void a_file_that_nobody_could_read_afterwards_stays_as_it_is() throws IOException {
        for (String text : List.of(
                "cluster.endpoints = [\"https://old:2379\"]\n", "cluster = { endpoints = [\"https://old:2379\"] }\n")) {
            Files.writeString(file(), text);
            assertThatThrownBy(() -> new SettingsFile(file()).put(ALPHA))
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("by hand");
            assertThat(file()).hasContent(text.strip());
        }
    }
}

package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code labeler policy} with the real semodule(8) and setfiles(8), in the root directory of another system. */
class PolicyCommandIT {
    @TempDir
    private Path directory;

    private ScratchPolicy store;

    @BeforeEach
    void a_system_with_a_policy() throws IOException {
        Machine.requireRootAnd("semodule", "setsebool", "setfiles", "seinfo", "sesearch");
        store = ScratchPolicy.fedora(directory);
    }

    private JsonObject status() throws IOException {
        Command status = store.labeler("status", "--json");
        JsonReader.Result read = new JsonReader().read(status.out());
        assertThat(read).isInstanceOf(JsonReader.Value.class);
        return read instanceof JsonReader.Value(JsonObject object) ? object : new JsonObject(Map.of());
    }

    private String state() throws IOException {
        return status().text("state").orElseThrow();
    }

    @Test
    void it_is_absent_then_installed_then_absent() throws IOException {
        assertThat(store.labeler("status").exitCode()).isEqualTo(1);
        assertThat(state()).isEqualTo("absent");

        Command install = store.labeler("install");
        assertThat(install.exitCode()).as("%s", install).isZero();
        assertThat(install.out()).contains("changed: module installed", "installed, as shipped (priority 400)");
        assertThat(install.line())
                .isEqualTo("labeler: building the policy, which takes from ten seconds to two minutes");
        assertThat(store.labeler("status").exitCode()).isZero();
        assertThat(state()).isEqualTo("installed");

        Command remove = store.labeler("remove");
        assertThat(remove.exitCode()).as("%s", remove).isZero();
        assertThat(state()).isEqualTo("absent");
        assertThat(store.listing()).doesNotContain(" labeler ");
    }

    @Test
    void what_is_so_already_is_not_done_again() throws IOException {
        assertThat(store.labeler("remove").out()).startsWith("nothing to change");
        store.labeler("install", "--boolean", "labeler_use_nfs=off");
        byte[] policy = Files.readAllBytes(store.binary());

        Command again = store.labeler("install", "--boolean", "labeler_use_nfs=off");

        assertThat(again.exitCode()).isZero();
        assertThat(again.out()).startsWith("nothing to change");
        assertThat(again.err()).isEmpty();
        assertThat(Files.readAllBytes(store.binary())).isEqualTo(policy);
    }

    @Test
    void another_content_is_seen_and_renewed() throws IOException {
        Path other = Files.writeString(
                directory.resolve("labeler.cil"), Files.readString(ScratchPolicy.MODULE) + "; changed\n");
        store.semodule("--install", other.toString());
        assertThat(state()).isEqualTo("other-version");
        assertThat(store.labeler("status").out()).contains("another content");

        assertThat(store.labeler("install").exitCode()).isZero();

        assertThat(state()).isEqualTo("installed");
    }

    @Test
    void a_module_that_somebody_disabled_is_enabled_by_the_installation() throws IOException {
        store.labeler("install");
        store.semodule("--disable", "labeler");
        assertThat(state()).isEqualTo("disabled");

        assertThat(store.labeler("install").exitCode()).isZero();

        assertThat(state()).isEqualTo("installed");
    }

    @Test
    void a_module_is_removed_at_every_priority() throws IOException {
        store.labeler("install");
        store.semodule("--priority", "150", "--install", ScratchPolicy.MODULE.toString());

        assertThat(store.labeler("remove").exitCode()).isZero();

        assertThat(store.listing()).doesNotContain(" labeler ");
    }

    @Test
    void booleans_are_built_into_the_policy_and_can_be_changed_later() throws IOException {
        store.labeler("install", "--boolean", "labeler_use_nfs=off", "--boolean", "labeler_use_homes=on");
        CompiledPolicy policy = CompiledPolicy.read(store.binary());
        assertThat(policy.booleans()).containsEntry("labeler_use_nfs", false).containsEntry("labeler_use_homes", true);

        Command install = store.labeler("install", "--boolean", "labeler_use_nfs=on");

        assertThat(install.out())
                .contains("changed: labeler_use_nfs is on", "labeler_use_homes = on (not the default)");
        assertThat(CompiledPolicy.read(store.binary()).booleans())
                .containsEntry("labeler_use_nfs", true)
                .containsEntry("labeler_use_homes", true);
    }

    @Test
    void booleans_have_their_values_again_when_the_module_was_away() throws IOException {
        store.labeler("install", "--boolean", "labeler_use_nfs=off", "--boolean", "labeler_use_homes=on");
        Path kept = directory.resolve("etc/labeler/policy-booleans");

        assertThat(store.labeler("remove").exitCode()).isZero();
        assertThat(Files.readAllLines(kept)).containsExactlyInAnyOrder("labeler_use_homes=1", "labeler_use_nfs=0");
        Command install = store.labeler("install", "--boolean", "labeler_use_homes=off");

        assertThat(install.out()).contains("changed: module installed", "changed: labeler_use_nfs is off");
        assertThat(CompiledPolicy.read(store.binary()).booleans())
                .containsEntry("labeler_use_nfs", false)
                .containsEntry("labeler_use_homes", false);
        assertThat(kept).doesNotExist();
    }

    @Test
    void an_unknown_boolean_is_a_usage_error_that_names_all() throws IOException {
        Command install = store.labeler("install", "--boolean", "virt_use_nfs=on");

        assertThat(install.exitCode()).isEqualTo(2);
        assertThat(install.line()).contains("virt_use_nfs is no boolean of the module", "labeler_use_nfs");
        assertThat(state()).isEqualTo("absent");
    }

    @Test
    void files_of_the_program_get_their_labels_and_no_others() throws IOException {
        Path service = made("opt/labeler/bin/labelerd");
        Path launch = made("opt/labeler/libexec/launch");
        Path unit = made("etc/systemd/system/labelerd.service");
        Path hook = made("etc/libvirt/hooks/qemu.d/labeler");
        Path running = made("run/labeler/vms/web1/pid");
        Path foreign = made("etc/libvirt/hooks/qemu");

        Command install = store.labeler("install");

        assertThat(install.exitCode()).as("%s", install).isZero();
        assertThat(label(service)).isEqualTo("system_u:object_r:labelerd_exec_t:s0");
        assertThat(label(launch)).isEqualTo("system_u:object_r:labeler_run_exec_t:s0");
        assertThat(label(unit)).isEqualTo("system_u:object_r:labeler_unit_t:s0");
        assertThat(label(hook)).isEqualTo("system_u:object_r:labeler_hook_exec_t:s0");
        assertThat(label(running)).isEqualTo("none");
        assertThat(label(foreign)).isEqualTo("none");
    }

    private Path made(String path) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private static String label(Path file) throws IOException {
        Command shown = Command.run(
                Map.of(),
                List.of("getfattr", "--absolute-names", "--only-values", "-n", "security.selinux", "" + file));
        return shown.exitCode() == 0 ? shown.out().replace("\0", "").strip() : "none";
    }

    @Test
    void without_a_policy_it_says_what_to_install() throws IOException {
        Files.delete(directory.resolve("etc/selinux/config"));

        Command install = store.labeler("install");

        assertThat(install.exitCode()).isEqualTo(1);
        assertThat(install.line()).contains("no policy is installed", "selinux-policy-default");
    }
}

package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.lifecycle.VmView;
import labeler.linux.FileIdentity;
import labeler.linux.Pid;
import org.junit.jupiter.api.Test;

class DenialExplanationTest {
    private static final Facts NOTHING = new Facts(List.of(), Optional.empty(), List.of(), "/run/NAME/qmp.sock");

    private static Optional<Reading> reading(String denied, String target) {
        Denial denial = AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  " + denied
                        + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=" + target + " permissive=0"))
                .denials()
                .getFirst();
        return DenialExplanation.of(denial, Optional.empty(), NOTHING).reading();
    }

    /** An explanation of an access to a file of the host by process 4711 of this context, so long after VM web1 began. */
    private static Explanation ofTheHost(String source, Duration after) {
        AuditRecords.Read read =
                AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  { read }"
                        + " for  pid=4711 comm=\"labeler\" path=\"/proc/sys/kernel/x\" dev=\"proc\" ino=7 scontext="
                        + source
                        + " tcontext=system_u:object_r:proc_t:s0 tclass=file permissive=0"));
        Optional<Instant> time = read.dated().getFirst().time();
        VmView vm = HeldVm.of(
                "web1",
                "s0:c1,c2",
                new Pid(4711),
                time.map(at -> at.minus(after)),
                HeldVm.file("/vm/a", HeldVm.level("s0:c1,c2"), new FileIdentity(5, 6, Optional.empty())));
        return DenialExplanation.of(
                read.denials().getFirst(),
                time,
                new Facts(List.of(vm), Optional.empty(), List.of(), "/run/NAME/qmp.sock"));
    }

    @Test
    void a_vm_is_not_blamed_for_what_its_launcher_did_before() {
        Explanation launcher =
                ofTheHost("unconfined_u:unconfined_r:labeler_run_t:s0-s0:c0.c1023", Duration.ofSeconds(1));

        assertThat(launcher.reading()).hasValue(Reading.NO_VM);
        assertThat(launcher.vm()).isEmpty();
        assertThat(launcher.sentences()).last().asString().contains("labeler run", "no guest had run");
        assertThat(String.join(" ", launcher.advice()))
                .contains("labeler policy")
                .doesNotContain("hostile");
    }

    @Test
    void a_vm_is_not_blamed_for_another_process_that_had_its_number() {
        String network = "system_u:system_r:NetworkManager_t:s0";

        assertThat(ofTheHost(network, Duration.ofHours(1)).reading()).hasValue(Reading.NO_VM);
        assertThat(ofTheHost("system_u:system_r:svirt_t:s0:c8,c9", Duration.ofDays(-1))
                        .reading())
                .hasValue(Reading.NO_VM);
        assertThat(ofTheHost("system_u:system_r:svirt_t:s0", Duration.ofHours(1))
                        .reading())
                .hasValue(Reading.TRICKERY);
    }

    private static Explanation by(String type, String target) {
        Denial denial = AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  { read }"
                        + " for  pid=99 comm=\"cat\" name=\"passwd\" dev=\"vda1\" ino=7 scontext=system_u:system_r:"
                        + type + ":s0:c1,c2 tcontext=" + target + " permissive=0"))
                .denials()
                .getFirst();
        FileIdentity identity = new FileIdentity(5, 6, Optional.empty());
        return DenialExplanation.of(
                denial,
                Optional.empty(),
                new Facts(
                        List.of(
                                HeldVm.of("web1", "s0:c1,c2", new Pid(4711), "/vm/a", identity),
                                HeldVm.of("web2", "s0:c3,c4", new Pid(4712), "/vm/b", identity)),
                        Optional.empty(),
                        List.of(),
                        "/run/NAME/qmp.sock"));
    }

    /** podman draws pairs by itself, and a user may choose one. */
    @Test
    void a_vm_is_not_blamed_for_a_container_or_a_helper_at_its_level() {
        for (String type : List.of("container_t", "svirt_lxc_net_t", "swtpm_t", "unconfined_t")) {
            Explanation beside = by(type, "system_u:object_r:passwd_file_t:s0 tclass=file");

            assertThat(beside.reading()).hasValue(Reading.NO_VM);
            assertThat(beside.vm()).isEmpty();
            assertThat(String.join(" ", beside.sentences()))
                    .contains("at the level of VM web1, and is not its qemu", "container")
                    .doesNotContain("No VM that the service holds");
            assertThat(String.join(" ", beside.advice())).doesNotContain("hostile", "stop it");
        }
        for (String type : List.of("svirt_t", "svirt_tcg_t")) {
            assertThat(by(type, "system_u:object_r:passwd_file_t:s0 tclass=file")
                            .reading())
                    .hasValue(Reading.TRICKERY);
        }
    }

    @Test
    void what_a_container_has_at_the_level_of_another_vm_is_not_that_vms() {
        assertThat(by("svirt_t", "system_u:object_r:container_file_t:s0:c3,c4 tclass=file")
                        .sentences())
                .noneMatch(sentence -> sentence.contains("web2"));
        assertThat(by("svirt_t", "system_u:system_r:container_t:s0:c3,c4 tclass=process")
                        .sentences())
                .noneMatch(sentence -> sentence.contains("web2"));
        for (String target : List.of(
                "system_u:object_r:svirt_image_t:s0:c3,c4 tclass=file",
                "system_u:object_r:qemu_var_run_t:s0:c3,c4 tclass=sock_file",
                "system_u:system_r:svirt_t:s0:c3,c4 tclass=process")) {
            assertThat(by("svirt_t", target).sentences()).anyMatch(sentence -> sentence.contains("VM web2"));
        }
    }

    @Test
    void a_vm_that_began_after_a_denial_at_its_level_is_said_to_have_done_so() {
        String level = "system_u:system_r:svirt_t:s0:c1,c2";

        assertThat(String.join(" ", ofTheHost(level, Duration.ofDays(-1)).sentences()))
                .contains("VM web1 began after that");
        assertThat(String.join(" ", ofTheHost(level, Duration.ofHours(1)).sentences()))
                .doesNotContain("began after that");
    }

    /** Seen at the start and the end of a VM that nobody attacks, on Debian 13. */
    @Test
    void what_qemu_tries_by_itself_is_harmless_and_what_looks_like_it_is_not() {
        String processors = "{ read } for  pid=12 comm=\"qemu-system-x86\" name=\"possible\" dev=\"sysfs\" ino=51";
        String sysfs = "system_u:object_r:sysfs_t:s0 tclass=file";
        assertThat(reading(processors, sysfs)).hasValue(Reading.HARMLESS);
        assertThat(reading(processors.replace("read", "write"), sysfs)).hasValue(Reading.NO_VM);
        assertThat(reading(processors.replace("possible", "online"), sysfs)).hasValue(Reading.NO_VM);

        String sender = "{ search } for  pid=12 comm=\"qemu-system-x86\" name=\"1\" dev=\"proc\" ino=52";
        assertThat(reading(sender, "system_u:system_r:init_t:s0 tclass=dir")).hasValue(Reading.HARMLESS);
        assertThat(reading(sender, "system_u:system_r:labelerd_t:s0-s0:c0.c1023 tclass=dir"))
                .hasValue(Reading.HARMLESS);
        assertThat(reading(sender, "system_u:system_r:svirt_t:s0:c3,c4 tclass=dir"))
                .hasValue(Reading.NO_VM);
        assertThat(reading(sender.replace("search", "read"), "system_u:system_r:init_t:s0 tclass=dir"))
                .hasValue(Reading.NO_VM);
    }

    /** What is advised about an access of this VM's to a directory that nobody has named. */
    private static String ofDirectory(String vm, String path) {
        Denial denial = AuditRecords.read(Stream.of(
                        "type=AVC msg=audit(1764230695.123:4): avc:  denied  { watch } for  pid=12 comm=\"qemu\""
                                + " path=\"" + path
                                + "\" dev=\"dm-0\" ino=7 scontext=system_u:system_r:svirt_t:s0:c1,c2"
                                + " tcontext=system_u:object_r:tmp_t:s0 tclass=dir permissive=0"))
                .denials()
                .getFirst();
        VmView held = HeldVm.of(vm, "s0:c1,c2", new Pid(12), "/vm/a", new FileIdentity(5, 6, Optional.empty()));
        return String.join(
                " ",
                DenialExplanation.of(
                                denial,
                                Optional.empty(),
                                new Facts(List.of(held), Optional.empty(), List.of(), "/run/NAME/qmp.sock"))
                        .advice());
    }

    @Test
    void a_directory_whose_name_is_more_than_a_name_is_in_no_command() {
        assertThat(ofDirectory("web1", "/srv/more_vms"))
                .contains("-t virt_image_t /srv/more_vms, then restorecon /srv/more_vms.");
        for (String name : List.of("/tmp/x;id;", "/srv/.*", "/srv/a(b|c)", "/srv/a b", "/srv/a.b", "srv")) {
            assertThat(ofDirectory("web1", name))
                    .contains("-t virt_image_t 'DIRECTORY'", "regular expression")
                    .doesNotContain(name);
        }
    }

    @Test
    void a_vm_is_one_word_of_each_command_and_no_option() {
        assertThat(ofDirectory("a;id", "/etc/x")).contains("`labeler events 'a;id'`");
        assertThat(ofDirectory("--follow", "/etc/x")).contains("`labeler events -- --follow`");
    }
}

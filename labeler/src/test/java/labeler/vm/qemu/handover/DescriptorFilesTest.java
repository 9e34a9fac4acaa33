package labeler.vm.qemu.handover;

import static labeler.vm.qemu.handover.Rewrite.options;
import static labeler.vm.qemu.handover.Rewrite.sets;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.qemu.handover.HandoverObstacle.Obstacle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are no disks: outputs take a descriptor, files read as a whole can be copied, others are refused. */
class DescriptorFilesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-serial | file:/nfs/a,b | file:/dev/fdset/1 | 1 w /nfs/a,b",
                "-serial | mon:file:/nfs/a | mon:file:/dev/fdset/1 | 1 w /nfs/a",
                "-debugcon | file:/nfs/a | file:/dev/fdset/1 | 1 w /nfs/a",
                "-monitor | file:a | file:/dev/fdset/1 | 1 w /nfs/cwd/a",
                "-parallel | file:/nfs/a | file:/dev/fdset/1 | 1 w /nfs/a",
                "-chardev | file,id=c,path=/nfs/a,append=on "
                        + "| backend=file,id=c,path=/dev/fdset/1,append=on | 1 w /nfs/a",
                "-chardev | file,id=c,path=/local/a,,b,logfile=/nfs/l "
                        + "| backend=file,id=c,path=/local/a,,b,logfile=/dev/fdset/1 | 1 w /nfs/l",
                "-chardev | socket,id=c,path=/run/s,server=on,wait=off,logfile=/nfs/l "
                        + "| backend=socket,id=c,path=/run/s,server=on,wait=off,logfile=/dev/fdset/1 | 1 w /nfs/l",
                "-chardev | file,id=c,path=/local/a,input-path=/nfs/i "
                        + "| backend=file,id=c,path=/local/a,input-path=/dev/fdset/1 | 1 r /nfs/i",
                "-device | uefi-vars-x64,jsonfile=/nfs/v | driver=uefi-vars-x64,jsonfile=/dev/fdset/1 | 1 rw /nfs/v",
                "-device | {\"driver\":\"usb-kbd\",\"pcap\":\"/nfs/p\"} "
                        + "| {\"driver\":\"usb-kbd\",\"pcap\":\"/dev/fdset/1\"} | 1 w /nfs/p",
                "-chardev | {\"id\":\"c\",\"backend\":{\"type\":\"file\",\"data\":{\"out\":\"/nfs/a\",\"append\":true}}} "
                        + "| {\"id\":\"c\",\"backend\":{\"type\":\"file\",\"data\":{\"out\":\"/dev/fdset/1\",\"append\":true}}} "
                        + "| 1 w /nfs/a",
            })
    void an_output_is_a_descriptor(String option, String given, String written, String set) {
        var rewritten = Rewrite.with().done("-S", option, given);

        assertThat(options(rewritten)).containsExactly("-S", option, written);
        assertThat(sets(rewritten)).containsExactly(set);
    }

    @Test
    void an_output_and_its_log_are_two_descriptors() {
        var rewritten = Rewrite.with().done("-chardev", "file,id=c,path=/nfs/a,logfile=/nfs/a");

        assertThat(options(rewritten).getLast()).isEqualTo("backend=file,id=c,path=/dev/fdset/1,logfile=/dev/fdset/2");
        assertThat(sets(rewritten)).containsExactly("1 w /nfs/a", "2 w /nfs/a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-kernel | /nfs/a,b | /run/copy",
                "--initrd | /nfs/a | /run/copy",
                "-dtb | /nfs/a | /run/copy",
                "-bios | /nfs/a | /run/copy",
                "-fw_cfg | opt/x,file=/nfs/a | name=opt/x,file=/run/copy",
                "-fw_cfg | name=/nfs/a,file=/nfs/a | name=/nfs/a,file=/run/copy",
                "-acpitable | sig=TEST,data=/nfs/a:/local/b:/nfs/a | sig=TEST,data=/run/copy:/local/b:/run/copy",
                "-smbios | type=11,path=/nfs/a | type=11,path=/run/copy",
                "-device | e1000,romfile=/nfs/a,id=x | driver=e1000,romfile=/run/copy,id=x",
                "-device | {\"driver\":\"e1000\",\"romfile\":\"/nfs/a\"} "
                        + "| {\"driver\":\"e1000\",\"romfile\":\"/run/copy\"}",
                "-device | loader,file=/nfs/a,addr=0 | driver=loader,file=/run/copy,addr=0",
                "-machine | q35,kernel=/nfs/a,initrd=/local/i | type=q35,kernel=/run/copy,initrd=/local/i",
                "-M | q35,initrd=/nfs/a | type=q35,initrd=/run/copy",
                "-option-rom | /nfs/a | romfile=/run/copy",
                "-boot | menu=on,splash=/nfs/a | menu=on,splash=/run/copy",
                "-global | e1000.romfile=/nfs/a | e1000.romfile=/run/copy",
                "-global | driver=e1000,property=romfile,value=/nfs/a "
                        + "| driver=e1000,property=romfile,value=/run/copy",
                "-set | device.x.romfile=/nfs/a | device.x.romfile=/run/copy",
            })
    void what_is_read_as_a_whole_is_copyable_and_its_copy_stands_in_its_place(
            String option, String given, String written) {
        Rewrite rewrite = Rewrite.with();
        String original = given.contains("/nfs/a,b") ? "/nfs/a,b" : "/nfs/a";

        var refused = rewrite.refused(option, given);
        var rewritten = rewrite.copying(original, "/run/copy").done(option, given);

        assertThat(refused.files()).singleElement().satisfies(file -> {
            assertThat(file.path()).isEqualTo(HostPath.of(original));
            assertThat(file.isCopyable()).isTrue();
        });
        assertThat(options(rewritten)).containsExactly(option, written);
        assertThat(rewritten.descriptors()).isEmpty();
    }

    @Test
    void a_name_that_only_looks_like_the_files_is_left() {
        var rewritten = Rewrite.with()
                .copying("/nfs/cwd/kernel", "/run/copy")
                .done("-device", "loader,file=kernel,id=kernel", "-kernel", "kernel");

        assertThat(options(rewritten))
                .containsExactly("-device", "driver=loader,file=/run/copy,id=kernel", "-kernel", "/run/copy");
    }

    @Test
    void a_firmware_by_its_bare_name_is_replaced_where_it_was_found() {
        var rewritten = Rewrite.with().copying("/nfs/cwd/fw.bin", "/run/copy").done("-bios", "fw.bin");

        assertThat(options(rewritten)).containsExactly("-bios", "/run/copy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-object | memory-backend-file,id=m,mem-path=/nfs/a,size=1M | WRITTEN_BY_NAME",
                "-object | secret,id=s,file=/nfs/a | SECRET",
                "-object | {\"qom-type\":\"secret\",\"id\":\"s\",\"file\":\"/nfs/a\"} | SECRET",
                "-D | /nfs/a | WRITTEN_BY_NAME",
                "-pidfile | /nfs/a | WRITTEN_BY_NAME",
                "-chardev | serial,id=c,path=/nfs/a | WRITTEN_BY_NAME",
                "-chardev | pipe,id=c,path=/nfs/a | WRITTEN_BY_NAME",
                "-chardev | socket,id=c,path=/nfs/a | WRITTEN_BY_NAME",
                "-serial | unix:/run/s,logfile=/nfs/a | OLD_NOTATION",
                "-serial | pipe:/nfs/a | OLD_NOTATION",
                "-trace | events=/nfs/a | READ_BY_NAME_ALONE",
                "-fsdev | local,id=f,path=/nfs/a | WRITTEN_BY_NAME",
                "-device | usb-mtp,rootdir=/nfs/a | READ_BY_NAME_ALONE",
                "-object | tls-creds-psk,id=t,dir=/nfs/a | SECRET",
                "-object | dbus-vmstate,id=d,addr=unix:path=/nfs/a | WRITTEN_BY_NAME",
            })
    void the_rest_is_refused_with_the_reason(String option, String given, Obstacle obstacle) {
        var refused = Rewrite.with().refused(option, given);

        assertThat(refused.files()).extracting(HandoverObstacle::obstacle).containsOnly(obstacle);
        assertThat(refused.files()).noneMatch(HandoverObstacle::isCopyable);
        assertThat(refused.problems()).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.LABELS_UNAVAILABLE);
            assertThat(problem.message()).contains(option, "; ").doesNotContain("\n");
        });
    }

    @Test
    void a_secret_is_not_read_from_a_copy_that_something_else_needs() {
        var refused = Rewrite.with()
                .copying("/nfs/a", "/run/copy")
                .refused("-kernel", "/nfs/a", "-object", "secret,id=s,file=/nfs/a");

        assertThat(refused.files()).extracting(HandoverObstacle::obstacle).containsExactly(Obstacle.SECRET);
    }

    @Test
    void everything_that_stands_against_it_is_told_at_once() {
        var refused = Rewrite.with().refused("-kernel", "/nfs/k", "-initrd", "/nfs/i", "-hda", "/nfs/d");

        assertThat(refused.files())
                .extracting(file -> file.origin().text())
                .containsExactlyInAnyOrderElementsOf(List.of("-kernel", "-initrd", "-hda"));
    }
}

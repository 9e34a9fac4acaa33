package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.guard.record.AuditLine;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Result;
import labeler.json.RecordJson.Understood;
import labeler.launch.Allowance;
import labeler.leftover.Leftover;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.openfiles.Comparison;
import labeler.openfiles.Look;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Written values are read back unchanged. */
class RoundTripTest {
    static List<Record> everything() {
        HostPath socket = HostPath.of("/run/labeler/descriptors.sock");
        return List.of(
                Samples.fullVm(),
                Samples.bareVm(),
                Samples.rewrittenVm(),
                StartAnswer.of(Samples.fullVm(), socket),
                StartAnswer.of(Samples.bareVm(), socket),
                StartAnswer.of(Samples.rewrittenVm(), Samples.LATIN),
                new AttachAnswer(Samples.bareVm(), "dätä"),
                Report.Detached.of(Samples.report(), "data"),
                Report.Stopped.of(Samples.report()),
                Report.Stopped.of(Samples.emptyReport()),
                Report.Relabelled.of(Samples.report()),
                Report.Verified.of(Samples.report()),
                Samples.compared(),
                Report.Verified.of(Samples.emptyReport())
                        .with(OpenFiles.of(new Comparison.NotCompared("nobody may look", Look.Cause.NOT_PERMITTED))),
                new Report.AllVerified(List.of(Samples.compared(), Report.Verified.of(Samples.emptyReport()))),
                Report.Recovered.of(Samples.recovery()),
                Samples.matrix(),
                ClusterSamples.vm(2),
                ClusterSamples.matrix(2),
                new AuditLine(4, Instant.EPOCH, EventSamples.heldElsewhere()),
                Samples.scanned(),
                Samples.lastPage(),
                TrustAnswer.of(Samples.trusted(), true),
                new Refusal.Body("NEW_REFERENCE", "no \"way\"", Samples.problems()),
                new AdoptionAnswer(new VmName("web1"), Samples.ODD, Samples.ODD, true, false, true, Optional.empty()),
                new AdoptionAnswer(
                        new VmName("web1"),
                        Samples.ODD,
                        Samples.ODD,
                        true,
                        true,
                        false,
                        SecurityContext.parse("system_u:system_r:svirt_t:s0:c1,c2")),
                new HookAnswer("libvirt", Samples.ODD, "current", ""),
                Samples.chainAnswer(),
                Samples.start(),
                Samples.startInBytes(),
                Samples.plan(),
                Samples.domain("<domain a='ö'/>".getBytes(StandardCharsets.UTF_8)),
                Samples.domain(Samples.latin("<domain a='\u00f6'/>")),
                new AttachBody(List.of("a=ö", ""), Optional.of("d"), Optional.of(Samples.ODD)),
                new AttachBody(List.of(), Optional.empty(), Optional.empty()),
                new DetachBody("d", Optional.of(Samples.ODD)),
                new DetachBody("d", Optional.empty()),
                new ScanBody(Samples.LATIN, Optional.of(Samples.ODD), true),
                new ScanBody(HostPath.of("/"), Optional.empty(), false),
                new TrustBody(Samples.LATIN, Optional.of(ImageFormat.VHDX)),
                new TrustBody(Samples.ODD, Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("everything")
    void every_record_comes_back_as_it_was(Record record) {
        JsonObject written = ApiJson.write(record);

        Record read = understood(ApiJson.readAnswer(record.getClass(), written));

        assertThat(ApiJson.write(read)).isEqualTo(written);
        assertThat(read).usingRecursiveComparison().isEqualTo(record);
    }

    @ParameterizedTest
    @MethodSource("everything")
    void nothing_that_is_written_is_unknown_when_it_is_read(Record record) {
        Record read = understood(ApiJson.readBody(record.getClass(), ApiJson.body(record)));

        assertThat(ApiJson.write(read)).isEqualTo(ApiJson.write(record));
    }

    @ParameterizedTest
    @MethodSource("everything")
    void an_answer_may_say_more_than_is_known(Record record) {
        JsonObject more = Json.object().put("of a newer version", 1).build();
        Json.ObjectBuilder object = Json.object().put("newer", more);
        ApiJson.write(record).members().forEach(object::put);

        assertThat(ApiJson.write(understood(ApiJson.readAnswer(record.getClass(), object.build()))))
                .isEqualTo(ApiJson.write(record));
    }

    @Test
    void constants_travel_by_the_words_that_messages_have_for_them() {
        areWords(FileReport.Outcome.values(), FileReport.Outcome::word);
        areWords(Allowance.Kind.values(), Allowance.Kind::word);
        areWords(Leftover.Fate.values(), Leftover.Fate::word);
        areWords(Matrix.Reach.values(), Matrix.Reach::word);
        areWords(Access.values(), OpenMode::word);
        areWords(Role.values(), Role::word);
        areWords(StartRequest.Launch.values(), StartRequest.Launch::word);
        areWords(Treatment.values(), Treatment::word);
        areWords(UseAccess.values(), UseAccess::word);
        areWords(VmState.values(), VmState::word);
        areWords(Wall.values(), Wall::word);
    }

    private static <E extends Enum<E>> void areWords(E[] constants, Function<E, String> word) {
        for (E constant : constants) {
            assertThat(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .isEqualTo(word.apply(constant));
        }
    }

    /** A started VM is written as a shown one, with one more member. */
    @ParameterizedTest
    @MethodSource("everything")
    void a_vm_is_read_from_every_answer_that_has_one(Record record) {
        if (record instanceof StartAnswer(VmView vm, Optional<HostPath> _)) {
            assertThat(ApiJson.write(understood(ApiJson.readAnswer(VmView.class, ApiJson.write(record)))))
                    .isEqualTo(ApiJson.write(vm));
        }
    }

    static <T> T understood(Result<T> result) {
        return switch (result) {
            case Understood<T>(T value) -> value;
            case NotUnderstood<T>(String message) -> throw new AssertionError(message);
        };
    }
}

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/**
 * java -cp 'JARS/*' Verdicts.java DEFINITIONS.ndjson RESOURCES.ndjson VERDICTS.ndjson: for each line with a resource, a line with
 * the errors of HAPI's validator as [[message id, location, message], ...]. The definitions are those known besides R4.
 */
public class Verdicts {
  public static void main(String[] arguments) throws Exception {
    var context = FhirContext.forR4();
    var definitions = new PrePopulatedValidationSupport(context);
    for (var line : Files.readAllLines(Path.of(arguments[0]))) definitions.addResource(context.newJsonParser().parseResource(line));
    var support = new ValidationSupportChain(new DefaultProfileValidationSupport(context), definitions,
        new CommonCodeSystemsTerminologyService(context), new InMemoryTerminologyServerValidationSupport(context));
    var module = new FhirInstanceValidator(support);
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    module.setNoExtensibleWarnings(true);
    module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    var json = new ObjectMapper();
    var lines = Files.readAllLines(Path.of(arguments[1]));
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[2]), StandardCharsets.UTF_8)) {
      for (var line : lines) {
        out.write(json.writeValueAsString(errorsOf(validator, line)));
        out.newLine();
      }
    }
  }

  private static List<List<String>> errorsOf(FhirValidator validator, String line) {
    var errors = new ArrayList<List<String>>();
    try {
      for (SingleValidationMessage message : validator.validateWithResult(line).getMessages())
        if (message.getSeverity() == ResultSeverityEnum.ERROR || message.getSeverity() == ResultSeverityEnum.FATAL)
          errors.add(List.of(String.valueOf(message.getMessageId()), String.valueOf(message.getLocationString()), message.getMessage()));
    } catch (RuntimeException | LinkageError failure) {
      errors.add(List.of("FAILED " + failure.getClass().getSimpleName(), "", String.valueOf(failure.getMessage())));
    }
    return errors;
  }
}

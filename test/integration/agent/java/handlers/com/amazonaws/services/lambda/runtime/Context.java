package com.amazonaws.services.lambda.runtime;

/** Some methods of AWS's interface, in its place. */
public interface Context {
  String getAwsRequestId();

  String getFunctionName();

  int getRemainingTimeInMillis();

  LambdaLogger getLogger();
}
